/** The draft as code for other programs. */
import { useState, type ReactNode } from "react";

import { HIDDEN } from "../connection/address";
import type { Connection } from "../connection/Connection";
import { snippetsOf } from "../compose/snippets";
import { CopyButton } from "./CopyButton";

export function Snippets({ connection, text }: { connection: Connection | undefined; text: string }): ReactNode {
  const [chosen, choose] = useState("javascript");
  if (connection === undefined) return <p className="try-hint">Add a connection for this channel first.</p>;
  const { shown } = connection.address();
  const scheme = connection.channel.schemes.find(({ kind }) => kind === "cookie");
  const hasToken = shown.includes(HIDDEN);
  const snippets = snippetsOf({
    address: shown,
    subprotocol: connection.settings.subprotocol,
    text,
    cookie: hasToken ? "" : (scheme?.name ?? ""),
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
      <pre tabIndex={0}>
        <code>{snippet?.code}</code>
      </pre>
    </>
  );
}

