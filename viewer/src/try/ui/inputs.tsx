/** Fields that hold one value. What is typed wrong is kept as typed: it can be sent on purpose. */
import { useId, useState, type ReactNode } from "react";

import { counted, shortened } from "../../document/budget";
import { MOST_LISTED } from "../compose/fields";
import { isExact } from "../compose/jsonText";
import { randomUuid } from "../compose/uuid";
import { ABSENT } from "../compose/values";
import { keyword } from "../contract/schemaFacts";
import type { InputProps } from "./FieldView";

const LONG = 200;

function attributes({ id, describedBy, isWrong, isRequired }: InputProps): { id: string; "aria-describedby": string; "aria-invalid": boolean; "aria-required": boolean } {
  return { id, "aria-describedby": describedBy, "aria-invalid": isWrong, "aria-required": isRequired };
}

export function ChoiceInput(props: InputProps & { choices: unknown[] }): ReactNode {
  const { value, isRequired, set } = props;
  const choices = props.choices.slice(0, MOST_LISTED);
  const written = JSON.stringify(value);
  const index = choices.findIndex((each) => each === value || JSON.stringify(each) === written);
  return (
    <>
      <select {...attributes(props)} value={index} onChange={(event) => set(event.target.value === "-1" ? ABSENT : choices[Number(event.target.value)])}>
        {(index === -1 || !isRequired) && <option value={-1}>{value === undefined || index !== -1 ? "(left out)" : written}</option>}
        {choices.map((each, at) => (
          <option key={at} value={at}>
            {shortened(typeof each === "string" ? each : (JSON.stringify(each) ?? ""))}
          </option>
        ))}
      </select>
      {choices.length < props.choices.length && (
        <p className="try-hint">
          Only {MOST_LISTED} of {counted(props.choices.length)} choices are listed. Another can be written as JSON.
        </p>
      )}
    </>
  );
}

export function NumberInput(props: InputProps): ReactNode {
  const { value, isRequired, set } = props;
  const [typed, setTyped] = useState("");
  const shown = typeof value === "number" || value === undefined ? value : typeof value === "string" ? value : JSON.stringify(value);
  const isSame = typed !== "" && ((Number(typed) === shown && isExact(typed)) || typed === shown);
  const type = (text: string): void => {
    setTyped(text);
    const number = Number(text);
    if (text.trim() === "") set(isRequired ? "" : ABSENT);
    else set(Number.isFinite(number) ? number : text);
  };
  return (
    <input {...attributes(props)} inputMode="decimal" autoComplete="off" value={isSame ? typed : String(shown ?? "")} onChange={(event) => type(event.target.value)} />
  );
}

/** `2026-05-01T12:00:00Z` → what a `datetime-local` field shows: the same moment on this computer's clock. */
function localTime(value: string): string | undefined {
  const date = new Date(value);
  if (Number.isNaN(date.getTime()) || !/^\d{4}-\d\d-\d\dT/.test(value)) return undefined;
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

export function TextInput(props: InputProps): ReactNode {
  const { field, value, isRequired, set, form, name } = props;
  const listId = useId();
  const text = typeof value === "string" ? value : "";
  const write = (next: string): void => set(next === "" && !isRequired ? ABSENT : next);
  const format = keyword(field.schema, "format");
  const most = keyword(field.schema, "maxLength");
  const common = { ...attributes(props), value: text, onChange: (event: { target: { value: string } }) => write(event.target.value) };
  if (format === "date" && (text === "" || /^\d{4}-\d\d-\d\d$/.test(text))) return <input type="date" {...common} />;
  const local = text === "" ? "" : localTime(text);
  if (format === "date-time" && local !== undefined) {
    const change = (next: string): void => write(next === "" ? "" : `${new Date(next).toISOString().slice(0, 19)}Z`);
    return <input type="datetime-local" step="1" {...common} value={local} onChange={(event) => change(event.target.value)} />;
  }
  if ((typeof most === "number" && most > LONG) || text.includes("\n")) return <textarea rows={2} {...common} />;
  const seen = form.seen.of(name);
  return (
    <span className="try-text">
      <input type={format === "password" ? "password" : "text"} autoComplete="off" list={seen.length > 0 ? listId : undefined} {...common} />
      {seen.length > 0 && (
        <datalist id={listId}>
          {seen.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
      {seen[0] !== undefined && seen[0] !== text && (
        <button type="button" className="try-small" title={seen[0]} onClick={() => write(seen[0] as string)}>
          Use received<span className="hidden-words"> {name}</span>
        </button>
      )}
      {format === "uuid" && seen.length === 0 && (
        <button type="button" className="try-small" onClick={() => write(randomUuid())}>
          New<span className="hidden-words"> {name}</span>
        </button>
      )}
    </span>
  );
}

export function JsonInput(props: InputProps): ReactNode {
  const { value, set, isRequired } = props;
  const given = value === undefined ? "" : (JSON.stringify(value) ?? "");
  const [typed, setTyped] = useState<string>();
  const write = (text: string): void => {
    setTyped(text);
    if (text.trim() === "") return set(isRequired ? null : ABSENT);
    try {
      set(JSON.parse(text));
    } catch {
      // Half written: the value changes when it is JSON again.
    }
  };
  return <textarea rows={2} {...attributes(props)} value={typed ?? given} placeholder="JSON" onChange={(event) => write(event.target.value)} onBlur={() => setTyped(undefined)} />;
}
