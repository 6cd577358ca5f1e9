/** One field of a form, of any kind, with its label, its explanation and its mistakes. */
import { useId, type ReactNode } from "react";

import { member } from "../../document/json";
import type { Budget } from "../../document/budget";
import type { Mistake } from "../check/check";
import { fieldOf, type Field } from "../compose/fields";
import { sample } from "../compose/sample";
import type { Seen } from "../compose/seen";
import { ABSENT, pointer, type Path } from "../compose/values";
import { keyword, text } from "../contract/schemaFacts";
import { ArrayField, ObjectField, UnionField } from "./groups";
import { ChoiceInput, JsonInput, NumberInput, TextInput } from "./inputs";

export interface Form {
  mistakes: Mistake[];
  seen: Seen;
  change(path: Path, value: unknown): void;
  /** One for each field that is drawn. */
  fields: Budget;
  /** For telling which alternative of a union a value is. */
  checks: Budget;
}

export interface FieldProps {
  schema: unknown;
  name: string;
  path: Path;
  value: unknown;
  isRequired: boolean;
  isRoot?: boolean;
  form: Form;
  /** Takes an item out of its list. */
  onRemove?: () => void;
}

export interface InputProps extends FieldProps {
  field: Field;
  id: string;
  describedBy: string;
  isWrong: boolean;
  set(value: unknown): void;
}

const GROUPS: Partial<Record<Field["kind"], (props: InputProps) => ReactNode>> = {
  object: ObjectField,
  array: ArrayField,
  union: UnionField,
};

export function FieldView(props: FieldProps): ReactNode {
  const { schema, path, value, form, isRequired, isRoot } = props;
  const id = useId();
  const wasSpent = form.fields.isSpent;
  if (!form.fields.take()) return wasSpent ? null : <p className="try-hint">The form ends here: this message has too many fields. Its JSON can be edited.</p>;
  const field = fieldOf(schema);
  const at = pointer(path);
  const mistakes = form.mistakes.filter((mistake) => mistake.path === at);
  const describedBy = `${id}-about`;
  const input: InputProps = {
    ...props,
    field,
    id,
    describedBy,
    isWrong: mistakes.length > 0,
    set: (next) => form.change(path, next),
  };
  const description = text(member(schema, "description")) || text(keyword(field.schema, "description"));
  const about = (
    <div id={describedBy} className="try-about">
      {description !== "" && !isRoot && <p>{description}</p>}
      {!isRoot && mistakes.map(({ reason }, index) => (
        <p key={index} className="try-bad">
          {reason}
        </p>
      ))}
    </div>
  );
  const Group = GROUPS[field.kind];
  const isNull = value === null && field.isNullable;
  if (Group !== undefined) {
    if (isRoot && field.kind === "object") return <ObjectField {...input} />;
    const isThere = value !== undefined && !isNull;
    return (
      <fieldset className="try-field try-group" data-wrong={input.isWrong}>
        <legend>
          <FieldName {...props} />
        </legend>
        {about}
        <FieldTools {...input} isThere={isThere} isGroup />
        {isThere && <Group {...input} />}
      </fieldset>
    );
  }
  return (
    <div className="try-field" data-wrong={input.isWrong}>
      <div className="try-label">
        <label htmlFor={id}>
          <FieldName {...props} />
        </label>
        <FieldTools {...input} isThere={value !== undefined} />
      </div>
      <Input {...input} isNull={isNull} />
      {about}
      {!isRequired && value !== undefined && field.kind === "json" && (
        <button type="button" className="try-small" onClick={() => input.set(ABSENT)}>
          Leave out
        </button>
      )}
    </div>
  );
}

function FieldName({ name, isRequired, schema }: FieldProps): ReactNode {
  return (
    <>
      {name}
      {isRequired && (
        <span className="try-required" title="required">
          {" "}
          *<span className="hidden-words"> required</span>
        </span>
      )}
      {member(schema, "deprecated") === true && <span className="try-tag">deprecated</span>}
    </>
  );
}

function Input(props: InputProps & { isNull: boolean }): ReactNode {
  const { field, value, id, isNull } = props;
  if (isNull) return <input id={id} value="null" readOnly aria-describedby={props.describedBy} />;
  switch (field.kind) {
    case "constant":
      return <output id={id}>{JSON.stringify(keyword(field.schema, "const"))}</output>;
    case "choice":
      return <ChoiceInput {...props} choices={field.choices} />;
    case "boolean":
      return <ChoiceInput {...props} choices={[true, false]} />;
    case "number":
      return <NumberInput {...props} />;
    case "string":
      return typeof value === "string" || value === undefined ? <TextInput {...props} /> : <JsonInput {...props} />;
    default:
      return <JsonInput {...props} />;
  }
}

/** Null, adding and leaving out. */
function FieldTools(props: InputProps & { isThere: boolean; isGroup?: boolean }): ReactNode {
  const { field, value, isRequired, isThere, isGroup, name, set, onRemove } = props;
  const add = (): void => set(sample(field.kind === "union" ? field.alternatives[0] : field.schema));
  return (
    <span className="try-tools">
      {field.isNullable && (
        <label>
          <input type="checkbox" checked={value === null} onChange={(event) => set(event.target.checked ? null : isRequired ? sample(field.schema) : ABSENT)} /> null
          <span className="hidden-words">: {name}</span>
        </label>
      )}
      {isGroup === true && !isThere && value !== null && (
        <button type="button" className="try-small" onClick={add}>
          Add<span className="hidden-words"> {name}</span>
        </button>
      )}
      {isGroup === true && isThere && !isRequired && onRemove === undefined && (
        <button type="button" className="try-small" onClick={() => set(ABSENT)}>
          Leave out<span className="hidden-words"> {name}</span>
        </button>
      )}
      {onRemove !== undefined && (
        <button type="button" className="try-small" onClick={onRemove}>
          Remove<span className="hidden-words"> {name}</span>
        </button>
      )}
    </span>
  );
}

