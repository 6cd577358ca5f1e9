/** How a connection authenticates: what the document's schemes allow, and nothing it does not. */
import { useId, useState, type ReactNode } from "react";

import { BROWSER } from "../connection/browser";
import type { Connection } from "../connection/Connection";
import type { Action } from "../contract/contract";
import type { Scheme } from "../contract/schemes";
import { authenticatingAction } from "../contract/firstMessage";
import { sampleText } from "../compose/sample";
import { compact } from "../compose/jsonText";
import type { Session } from "../Session";

export function Authentication({ connection }: { session: Session; connection: Connection }): ReactNode {
  const schemes = connection.channel.schemes.filter(({ kind }) => kind !== "message");
  const action = authenticatingAction(connection.channel);
  if (schemes.length === 0 && action === undefined) return null;
  return (
    <fieldset className="try-auth">
      <legend>Authentication</legend>
      {schemes.length + (action === undefined ? 0 : 1) > 1 && <p className="try-hint">One of these is enough.</p>}
      {schemes.map((scheme) => (
        <SchemeView key={`${scheme.kind} ${scheme.name}`} scheme={scheme} connection={connection} />
      ))}
      {action !== undefined && <FirstMessage action={action} connection={connection} />}
      <label className="try-check">
        <input type="checkbox" checked={connection.settings.remember} onChange={(event) => connection.change({ remember: event.target.checked })} /> Remember until this
        tab is closed
      </label>
    </fieldset>
  );
}

function SchemeView({ scheme, connection }: { scheme: Scheme; connection: Connection }): ReactNode {
  if (scheme.kind !== "query" && scheme.kind !== "cookie") {
    return (
      <p className="try-hint">
        <strong>{scheme.name}:</strong> {scheme.obstacle}
      </p>
    );
  }
  return scheme.kind === "query" ? <QueryToken scheme={scheme} connection={connection} /> : <Cookie scheme={scheme} connection={connection} />;
}

function QueryToken({ scheme, connection }: { scheme: Scheme; connection: Connection }): ReactNode {
  const { tokens } = connection.settings;
  return (
    <Token
      label={`Query token: ${scheme.name}`}
      hint={scheme.description}
      applied={(tokens[scheme.name] ?? "") !== ""}
      onApply={(token) => connection.change({ tokens: { ...tokens, [scheme.name]: token } })}
    />
  );
}

function Token({ label, hint, applied, onApply }: { label: string; hint: string; applied: boolean; onApply(token: string): void }): ReactNode {
  const id = useId();
  const [token, setToken] = useState("");
  const apply = (next: string): void => {
    onApply(next.trim());
    setToken("");
  };
  return (
    <div className="try-row">
      <label htmlFor={id}>{label}</label>
      <div>
        <span className="try-text">
          <input id={id} type="password" autoComplete="off" placeholder={applied ? "applied" : "paste a token"} value={token} onChange={(event) => setToken(event.target.value)} onKeyDown={(event) => {
            if (event.key === "Enter" && token.trim() !== "") apply(token);
          }} />
          <button type="button" className="try-small" disabled={token.trim() === ""} onClick={() => apply(token)}>
            Apply
          </button>
          <button type="button" className="try-small" disabled={!applied && token === ""} onClick={() => apply("")}>
            Clear
          </button>
        </span>
        <p className="try-hint" role="status">
          {applied ? "Applied: it goes with the next connection." : hint}
        </p>
      </div>
    </div>
  );
}

function Cookie({ scheme, connection }: { scheme: Scheme; connection: Connection }): ReactNode {
  const { cookies } = connection.settings;
  const isThere = BROWSER.hasCookie(scheme.name);
  const isElsewhere = hostOf(connection) !== location.hostname;
  return (
    <>
      <p className="try-hint">
        <strong>Cookie {scheme.name}:</strong> {isElsewhere ? ELSEWHERE : isThere ? THERE : UNSEEN}
      </p>
      {!isElsewhere && (
        <details>
          <summary>Send a token in this cookie</summary>
          <Token
            label={`Cookie token: ${scheme.name}`}
            hint="It is set for the handshake only, then removed. A browser does not let a page replace a cookie that is HttpOnly."
            applied={(cookies[scheme.name] ?? "") !== ""}
            onApply={(token) => connection.change({ cookies: { ...cookies, [scheme.name]: token } })}
          />
        </details>
      )}
    </>
  );
}

const THERE = "this browser has one for this site and sends it by itself.";
const UNSEEN =
  "the browser sends it by itself if it has one. Pages cannot see HttpOnly cookies, which session cookies usually are, so whether there is one shows when you connect. Signed in on this site in another tab? Then just connect.";
const ELSEWHERE = "the server is another site; whether the browser sends its cookie there is decided by that cookie's SameSite rule.";

function hostOf(connection: Connection): string {
  try {
    return new URL(connection.address().url).hostname;
  } catch {
    return location.hostname;
  }
}

function FirstMessage({ action, connection }: { action: Action; connection: Connection }): ReactNode {
  const id = useId();
  const [message] = action.messages;
  const [text, setText] = useState("");
  const applied = connection.settings.firstMessage !== "";
  if (message === undefined) return null;
  return (
    <div className="try-row">
      <label htmlFor={id}>First message: {action.title}</label>
      <div>
        <textarea id={id} rows={3} value={text} placeholder={applied ? "applied" : sampleText(message)} autoComplete="off" spellCheck={false} onChange={(event) => setText(event.target.value)} />
        <span className="try-text">
          <button type="button" className="try-small" onClick={() => setText(sampleText(message))}>
            Fill in an example
          </button>
          <button type="button" className="try-small" disabled={text.trim() === ""} onClick={() => {
            connection.change({ firstMessage: compact(text) });
            setText("");
          }}>
            Apply
          </button>
          <button type="button" className="try-small" disabled={!applied && text === ""} onClick={() => {
            connection.change({ firstMessage: "" });
            setText("");
          }}>
            Clear
          </button>
        </span>
        <p className="try-hint">{applied ? "Applied: it is sent as soon as the connection is open. Credentials in it are hidden from the log." : "Sent as soon as the connection is open. Credentials in it are hidden from the log."}</p>
      </div>
    </div>
  );
}
