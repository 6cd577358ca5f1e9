/** Writes a message: by form, as JSON, or from an example; shows it as code; sends it. Form and JSON are one draft. */
import { useId, useMemo, useState, type KeyboardEvent, type ReactNode } from "react";

import { shortened } from "../../document/budget";
import { checked, type Mistake } from "../check/check";
import { compact, inexactNumber, syntaxMistake } from "../compose/jsonText";
import type { Action, Message } from "../contract/contract";
import type { Session } from "../Session";
import { JsonEditor } from "./JsonEditor";
import { SchemaForm } from "./SchemaForm";
import { Sender } from "./Sender";
import { Snippets } from "./Snippets";
import { useEmitter } from "./useEmitter";

type Side = "form" | "json" | "code";

const SIDES: [Side, string][] = [
  ["form", "Form"],
  ["json", "JSON"],
  ["code", "Code"],
];

interface Draft {
  text: string;
  value: unknown;
  isParsed: boolean;
  /** A number that the form would change. */
  inexact?: string | undefined;
  mistakes: Mistake[];
  /** Why it cannot be checked. */
  obstacle: string;
}

function draftOf(message: Message, text: string): Draft {
  if (message.isText) return { text, value: text, isParsed: true, ...checked(message, text) };
  const syntax = syntaxMistake(text);
  if (syntax !== undefined) return { text, value: undefined, isParsed: false, mistakes: [{ path: "", reason: syntax.reason }], obstacle: "" };
  const value: unknown = JSON.parse(text);
  return { text, value, isParsed: true, inexact: inexactNumber(text), ...checked(message, value) };
}

export function Composer({ session, action }: { session: Session; action: Action }): ReactNode {
  useEmitter(session.changed);
  const message = session.messageOf(action);
  if (message === undefined) return <p>The document names no message for this operation.</p>;
  return <MessageComposer key={message.id} session={session} action={action} message={message} />;
}

function MessageComposer({ session, action, message }: { session: Session; action: Action; message: Message }): ReactNode {
  const [side, setSide] = useState<Side>("form");
  const id = useId();
  const text = session.draft(message);
  const draft = useMemo(() => draftOf(message, text), [message, text]);
  const write = (next: string): void => session.write(message, next);
  const writeValue = (value: unknown): void => write(JSON.stringify(value, undefined, 2) ?? "");
  const sender = session.senderFor(action);
  const send = (): void => sender?.sendWhenOpen({ text: message.isText ? text : compact(text), action, message });
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
    event.preventDefault();
    send();
  };
  return (
    <div className="try-composer" onKeyDown={onKey} data-side={side}>
      <div className="try-bar">
        <MessageChoice session={session} action={action} message={message} />
        <Examples message={message} onChoose={(example) => session.begin(message, example)} />
        <div className="try-sides" role="group" aria-label="View">
          {SIDES.map(([value, label]) => (
            <button key={value} type="button" aria-pressed={side === value} data-value={value} onClick={() => setSide(value)}>
              {label}
            </button>
          ))}
        </div>
      </div>
      <div className="try-draft">
        <div className="try-form">
          {draft.inexact !== undefined ? (
            <p className="try-hint">A form cannot hold the number {draft.inexact.slice(0, 60)} exactly. Edit the JSON: it is sent as it stands there.</p>
          ) : draft.isParsed ? (
            <SchemaForm message={message} value={draft.value} mistakes={draft.mistakes} seen={session.seen} onChange={message.isText ? (value) => write(String(value)) : writeValue} />
          ) : (
            <p className="try-hint">The JSON has a mistake in its syntax. Mend it there, or begin anew from an example, to use the form.</p>
          )}
        </div>
        <div className="try-json">
          <JsonEditor label={`${action.title} as JSON`} text={text} schema={message.payload} mistakes={draft.mistakes} seen={session.seen} onChange={write} onSend={send} isJson={!message.isText} />
        </div>
        {side === "code" && (
          <div className="try-code">
            <Snippets session={session} connection={sender} message={message} text={message.isText ? text : compact(text)} value={draft.value} />
          </div>
        )}
      </div>
      {session.note(message) !== "" && <p className="try-hint">{session.note(message)}</p>}
      {draft.obstacle !== "" && <p className="try-hint">This message is not checked: {draft.obstacle}.</p>}
      <Mistakes id={id} mistakes={draft.mistakes} />
      <Sender session={session} action={action} onSend={send} isWrong={draft.mistakes.length > 0} describedBy={id} />
    </div>
  );
}

function MessageChoice({ session, action, message }: { session: Session; action: Action; message: Message }): ReactNode {
  if (action.messages.length < 2) return null;
  return (
    <label className="try-inline">
      Message
      <select value={message.id} onChange={(event) => session.chooseMessage(action, event.target.value)}>
        {action.messages.map(({ id, title }) => (
          <option key={id} value={id}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

function Examples({ message, onChoose }: { message: Message; onChoose(example?: number): void }): ReactNode {
  return (
    <div className="try-examples" role="group" aria-label="Begin with">
      {message.examples.slice(0, 12).map(({ name }, index) => (
        <button key={index} type="button" onClick={() => onChoose(index)}>
          {shortened(name, 60)}
        </button>
      ))}
      <button type="button" onClick={() => onChoose()}>
        Generated example
      </button>
    </div>
  );
}

const SHOWN = 5;

function Mistakes({ id, mistakes }: { id: string; mistakes: Mistake[] }): ReactNode {
  return (
    <div id={id} className="try-mistakes" role="status">
      {mistakes.length > 0 && (
        <ul>
          {mistakes.slice(0, SHOWN).map(({ path, reason }, index) => (
            <li key={index}>
              <code>{path === "" ? "The message" : path}</code> {reason}
            </li>
          ))}
          {mistakes.length > SHOWN && <li>and {mistakes.length - SHOWN} more</li>}
        </ul>
      )}
    </div>
  );
}
