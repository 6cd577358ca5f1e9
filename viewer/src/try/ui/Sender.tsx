/** Which connection sends, and the button that does. */
import type { ReactNode } from "react";

import type { Action } from "../contract/contract";
import type { Session } from "../Session";
import { useEmitter } from "./useEmitter";

interface Props {
  session: Session;
  action: Action;
  isWrong: boolean;
  describedBy: string;
  onSend(): void;
}

export function Sender({ session, action, isWrong, describedBy, onSend }: Props): ReactNode {
  useEmitter(session.changed);
  const sender = session.senderFor(action);
  const fitting = session.connections.filter(({ settings }) => settings.channel === action.channel);
  if (sender === undefined) {
    return (
      <p className="try-send">
        <button type="button" className="button" onClick={() => session.addConnection(action.channel)}>
          Add a connection for this channel
        </button>
      </p>
    );
  }
  const isOpen = sender.state === "open";
  return (
    <div className="try-send">
      <label className="try-inline">
        Send as
        <select value={sender.id} onChange={(event) => session.activate(event.target.value)}>
          {fitting.map(({ id, name, state }) => (
            <option key={id} value={id}>
              {name} ({state === "open" ? "connected" : "not connected"})
            </option>
          ))}
        </select>
      </label>
      <button type="button" className="button" onClick={onSend} disabled={sender.state === "connecting"} aria-describedby={describedBy}>
        {isOpen ? "Send" : "Connect and send"}
        {isWrong ? " anyway" : ""}
      </button>
      <kbd>Ctrl+Enter</kbd>
      {sender.failed && !isOpen && <span className="try-bad">{sender.words}</span>}
    </div>
  );
}
