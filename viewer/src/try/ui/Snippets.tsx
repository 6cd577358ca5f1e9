/** The draft as code for other programs. */
import { useState, type ReactNode } from "react";

import { recognisedText } from "../check/recognise";
import { HIDDEN } from "../connection/address";
import type { Connection } from "../connection/Connection";
import type { Message } from "../contract/contract";
import { credentialsIn } from "../contract/credentials";
import { authenticatingAction } from "../contract/firstMessage";
import { Secrets } from "../log/redact";
import type { Session } from "../Session";
import { snippetsOf } from "../compose/snippets";
import { CopyButton } from "./CopyButton";

interface Props {
  session: Session;
  connection: Connection | undefined;
  message: Message;
  text: string;
  /** The text, parsed. */
  value: unknown;
}

export function Snippets({ session, connection, message, text, value }: Props): ReactNode {
  const [chosen, choose] = useState("javascript");
  if (connection === undefined) return <p className="try-hint">Add a connection for this channel first.</p>;
  const { channel, settings } = connection;
  const { shown } = connection.address();
  const hasToken = shown.includes(HIDDEN);
  const own = new Secrets();
  const authenticates = authenticatingAction(channel)?.messages.includes(message) === true;
  own.add(...credentialsIn(message, value, authenticates));
  // It may never have been sent, so the session need not know what is secret in it.
  if (settings.firstMessage !== "") {
    const { message: known, value: sent } = recognisedText(settings.firstMessage, authenticatingAction(channel)?.messages ?? []);
    own.add(...credentialsIn(known, sent, true));
  }
  const shownText = session.secrets.hide(own.hide(text));
  const first = authenticates ? "" : session.secrets.hide(own.hide(settings.firstMessage));
  const scheme = hasToken ? undefined : (channel.schemes.find(({ kind }) => kind === "cookie") ?? channel.schemes.find(({ kind }) => kind === "header"));
  const snippets = snippetsOf({
    address: shown,
    subprotocol: settings.subprotocol,
    text: shownText,
    first,
    cookie: scheme?.kind === "cookie" ? scheme.name : "",
    header: scheme?.kind === "header" ? [scheme.name, scheme.prefix ?? ""] : undefined,
    origin: location.origin,
    hasToken,
  });
  const snippet = snippets.find(({ id }) => id === chosen) ?? snippets[0];
  return (
    <>
      <div className="try-sides" role="group" aria-label="Language">
        {snippets.map(({ id, title }) => (
          <button key={id} type="button" aria-pressed={id === chosen} onClick={() => choose(id)}>
            {title}
          </button>
        ))}
        <CopyButton text={() => snippet?.code ?? ""} label="Copy code" />
      </div>
      {(shownText !== text || first.includes(HIDDEN)) && <p className="try-hint">Write your own credentials where {HIDDEN} stands.</p>}
      <pre tabIndex={0}>
        <code>{snippet?.code}</code>
      </pre>
    </>
  );
}

