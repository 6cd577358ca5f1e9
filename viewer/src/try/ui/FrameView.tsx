/** One frame in full: pretty-printed, what is wrong with it, and what can be done with it. */
import { useMemo, type ReactNode } from "react";

import { pretty } from "../compose/jsonText";
import type { Connection } from "../connection/Connection";
import type { Entry } from "../log/entry";
import { visible } from "../log/visible";
import type { Session } from "../Session";
import { CopyButton } from "./CopyButton";
import { clock, size } from "./Rows";

const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d[\d.eE+-]*|\b(?:true|false|null)\b/g;
/** Above it a frame is shown without colours: a span for each token would cost too much. */
const COLOURED = 60_000;

function textOf(entry: Entry): string {
  return entry.isBinary || entry.isCut ? entry.text : pretty(entry.text);
}

function coloured(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKENS)) {
    parts.push(text.slice(end, match.index));
    const [whole, string, colon] = match;
    const kind = string === undefined ? (/^[tfn]/.test(whole) ? "word" : "number") : colon === undefined ? "string" : "key";
    parts.push(
      <span key={match.index} className={`try-${kind}`}>
        {whole}
      </span>,
    );
    end = match.index + whole.length;
  }
  return [...parts, text.slice(end)];
}

const VERDICTS: Record<string, string> = {
  right: "as documented",
  mismatch: "not as documented",
  undocumented: "not in the document",
  unchecked: "not checked",
};

export function FrameView({ session, connection, entry, onClose }: { session: Session; connection: Connection; entry: Entry; onClose(): void }): ReactNode {
  const text = useMemo(() => textOf(entry), [entry]);
  const body = useMemo(() => (text.length > COLOURED ? visible(text) : coloured(visible(text))), [text]);
  const canSendAgain = entry.direction === "sent" && !entry.isCut && !entry.isRedacted;
  const action = session.action(entry.action) ?? connection.channel.actions[0];
  const message = action?.messages.find(({ id }) => id === entry.messageId) ?? action?.messages[0];
  const edit = (): void => {
    if (action === undefined || message === undefined) return;
    session.chooseMessage(action, message.id);
    session.write(message, message.isText ? entry.text : text);
    session.compose(action.id);
  };
  return (
    <section className="try-frame" aria-label="Frame">
      <div className="try-bar">
        <strong>{entry.name || (entry.direction === "note" ? "Note" : "Frame")}</strong>
        {entry.judgement !== "" && (
          <span className="try-verdict" data-judgement={entry.judgement}>
            {VERDICTS[entry.judgement]}
          </span>
        )}
        <span className="try-hint">
          {clock(entry.at)}
          {entry.direction !== "note" && `, ${size(entry.size)}`}
          {entry.latency !== undefined && `, answered in ${entry.latency.toFixed(1)} ms`}
        </span>
        <span className="try-log-buttons">
          {canSendAgain && (
            <>
              <button type="button" className="try-small" disabled={connection.state !== "open"} onClick={() => connection.send({ text: entry.text, ...(entry.action !== "" && action !== undefined && message !== undefined ? { action, message } : {}) })}>
                Send again
              </button>
              <button type="button" className="try-small" disabled={action === undefined} onClick={edit}>
                Edit
              </button>
            </>
          )}
          <CopyButton text={() => text} label="Copy" />
          <button type="button" className="try-small" onClick={onClose}>
            Close<span className="hidden-words"> frame</span>
          </button>
        </span>
      </div>
      {entry.mistakes.length > 0 && (
        <ul className="try-frame-mistakes">
          {entry.mistakes.map(({ path, reason }, index) => (
            <li key={index}>
              <code>{path === "" ? "The frame" : path}</code> {visible(reason)}
            </li>
          ))}
        </ul>
      )}
      {entry.isCut && <p className="try-hint">Only its first {entry.text.length.toLocaleString("en")} characters are kept.</p>}
      {entry.isRedacted && <p className="try-hint">Secrets are hidden.</p>}
      <pre tabIndex={0}>
        <code>{body}</code>
      </pre>
    </section>
  );
}
