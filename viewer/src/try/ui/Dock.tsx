/** The dock: the connections and their logs, over the lower part of the page, shared by all operations. */
import { useEffect, useRef, useState, type ReactNode } from "react";

import type { Connection } from "../connection/Connection";
import type { Session } from "../Session";
import { isNarrowQuery, useMedia } from "./useMedia";
import { Composer } from "./Composer";
import { ConnectionPane } from "./ConnectionPane";
import { Resizer, useDockHeight } from "./Resizer";
import { useEmitter } from "./useEmitter";

export function Dock({ session, onClose }: { session: Session; onClose(): void }): ReactNode {
  useEmitter(session.changed);
  const isNarrow = useMedia(isNarrowQuery);
  const [isSmall, setSmall] = useState(false);
  const { height, setHeight } = useDockHeight(isSmall, isNarrow);
  const { connections, active } = session;
  const isComposing = session.composing !== "";
  const shown = isNarrow ? connections.filter(({ id }) => id === active && !isComposing) : connections;
  const compose = (): void => session.compose(isComposing ? "" : (session.actions[0]?.id ?? ""));
  return (
    <section className="try try-dock" aria-label="Try it out" data-small={isSmall}>
      <Resizer height={height} onChange={setHeight} isHidden={isSmall || isNarrow} />
      <header className="try-dock-bar">
        <h2>Try it out</h2>
        <div className="try-tabs" role="group" aria-label="Connections">
          <div className="try-tab-list">
            {connections.map((connection) => (
              <Tab key={connection.id} connection={connection} isActive={connection.id === active && !(isNarrow && isComposing)} onChoose={() => {
                if (isNarrow) session.compose("");
                setSmall(false);
                session.activate(connection.id);
              }} />
            ))}
          </div>
          {session.contract.channels.length > 0 && (
            <button type="button" className="try-small" onClick={() => {
              setSmall(false);
              if (isNarrow) session.compose("");
              session.addConnection(session.connection(active)?.settings.channel);
            }}>
              +<span className="try-wide"> Connection</span>
            </button>
          )}
        </div>
        <span className="try-dock-tools">
          {session.actions.length > 0 && (
            <button type="button" className="try-small" aria-pressed={isComposing} onClick={() => {
              setSmall(false);
              compose();
            }}>
              Compose
            </button>
          )}
          <button type="button" className="try-small" aria-expanded={!isSmall} onClick={() => setSmall(!isSmall)}>
            <span className="try-wide">{isSmall ? "Enlarge" : "Shrink"}</span>
            <span className="try-narrow" aria-hidden="true">{isSmall ? "▴" : "▾"}</span>
          </button>
          <button type="button" className="try-small" onClick={onClose}>
            Close
          </button>
        </span>
      </header>
      {!isSmall && (
        <div className="try-dock-body">
          {isComposing && <DockComposer session={session} />}
          {shown.map((connection) => (
            <ConnectionPane key={connection.id} session={session} connection={connection} />
          ))}
          {session.contract.channels.length === 0 && <p className="try-hint">The document has no channel to connect to.</p>}
        </div>
      )}
    </section>
  );
}

function Tab({ connection, isActive, onChoose }: { connection: Connection; isActive: boolean; onChoose(): void }): ReactNode {
  useEmitter(connection.changed);
  useEmitter(connection.log.changed);
  const { wrong } = connection.log;
  return (
    <button type="button" className="try-tab" aria-pressed={isActive} onClick={onChoose}>
      <span className="try-dot" data-state={connection.state} data-failed={connection.failed} aria-hidden="true" />
      {connection.name}
      <span className="hidden-words">, {connection.state === "open" ? "connected" : "not connected"}</span>
      {wrong > 0 && <span className="try-count">{wrong}<span className="hidden-words"> wrong frames</span></span>}
    </button>
  );
}

function DockComposer({ session }: { session: Session }): ReactNode {
  const action = session.action(session.composing);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.querySelector("select")?.focus({ preventScroll: true }), []);
  return (
    <section className="try-pane try-compose" aria-label="Compose a message" ref={panel}>
      <label className="try-inline">
        Action
        <select value={session.composing} onChange={(event) => session.compose(event.target.value)}>
          {session.contract.channels.filter(({ actions }) => actions.length > 0).map((channel) => (
            <optgroup key={channel.id} label={channel.address || channel.title}>
              {channel.actions.map(({ id, title, summary }) => (
                <option key={id} value={id}>
                  {title}
                  {summary !== "" && `: ${summary}`}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </label>
      {action !== undefined && <Composer key={action.id} session={session} action={action} />}
    </section>
  );
}
