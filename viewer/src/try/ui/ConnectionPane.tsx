/** One connection: its name and state, its settings, its log. */
import { useState, type ReactNode } from "react";

import type { Connection } from "../connection/Connection";
import type { Session } from "../Session";
import { ConnectionSettingsView } from "./ConnectionSettingsView";
import { LogView } from "./LogView";
import { useEmitter } from "./useEmitter";

export function ConnectionPane({ session, connection }: { session: Session; connection: Connection }): ReactNode {
  useEmitter(connection.changed);
  const [chosen, setChosen] = useState<boolean>();
  const isOpen = connection.state === "open";
  // Before the first connection there is nothing to see but the settings.
  const showsSettings = chosen ?? (!isOpen && connection.log.count === 0);
  const { shown, mistake } = connection.address();
  return (
    <section className="try-pane try-connection" aria-label={connection.name} data-active={connection.id === session.active} onFocus={() => {
      if (session.active !== connection.id) session.activate(connection.id);
    }}>
      <div className="try-bar">
        <span className="try-dot" data-state={connection.state} data-failed={connection.failed} aria-hidden="true" />
        <input className="try-name" aria-label="Name of this connection" value={connection.name} maxLength={40} onChange={(event) => connection.rename(event.target.value)} />
        <button type="button" className={connection.isBusy ? "button quiet" : "button"} onClick={() => {
          setChosen(undefined);
          if (connection.isBusy) connection.disconnect();
          else connection.connect();
        }}>
          {connection.isBusy ? "Disconnect" : "Connect"}
        </button>
        <button type="button" className="try-small" aria-expanded={showsSettings} onClick={() => setChosen(!showsSettings)}>
          Settings
        </button>
        {session.connections.length > 1 && (
          <button type="button" className="try-small" onClick={() => session.removeConnection(connection.id)}>
            Remove<span className="hidden-words"> {connection.name}</span>
          </button>
        )}
      </div>
      <div className="try-where">
        <p className="try-status" role="status" data-failed={connection.failed} data-state={connection.state}>
          {connection.words}
        </p>
        <p className="try-url" title={shown}>
          <code>{shown}</code>
          {mistake !== "" && <span className="try-bad"> {mistake}</span>}
        </p>
      </div>
      {showsSettings ? (
        <ConnectionSettingsView session={session} connection={connection} />
      ) : (
        <LogView session={session} connection={connection} />
      )}
    </section>
  );
}
