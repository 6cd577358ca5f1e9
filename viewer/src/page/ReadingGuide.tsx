/** Says whose document this is, and lets the reader decide where it does not say. */
import type { ReactNode } from "react";

import type { Perspective } from "../document/prepare";
import { DownIcon, UpIcon } from "./icons";
import { CLIENT_SENDS, SERVER_SENDS } from "./labels";

interface Props {
  stated: Perspective | undefined;
  perspective: Perspective;
  onChoose(perspective: Perspective): void;
}

const CHOICES: [Perspective, string][] = [
  ["server", "the server's"],
  ["client", "a client's"],
];

export function ReadingGuide({ stated, perspective, onChoose }: Props): ReactNode {
  return (
    <aside className="guide" aria-label="How to read this document">
      <ul className="legend">
        <li className="client-sends">
          <UpIcon /> {CLIENT_SENDS}
        </li>
        <li className="server-sends">
          <DownIcon /> {SERVER_SENDS}
        </li>
      </ul>
      {stated !== undefined ? <Stated perspective={stated} /> : <Choice perspective={perspective} onChoose={onChoose} />}
    </aside>
  );
}

function Stated({ perspective }: { perspective: Perspective }): ReactNode {
  return perspective === "server" ? (
    <p>
      Written from <strong>the server's</strong> side: its <code>receive</code> operations are what clients send, its{" "}
      <code>send</code> operations what it sends to them.
    </p>
  ) : (
    <p>
      Written from <strong>a client's</strong> side: its <code>send</code> operations are what the client sends, its{" "}
      <code>receive</code> operations what the server sends to it.
    </p>
  );
}

function Choice({ perspective, onChoose }: Omit<Props, "stated">): ReactNode {
  return (
    <fieldset>
      <legend>The document does not say whose side it is written from. Read it as</legend>
      {CHOICES.map(([value, label]) => (
        <label key={value}>
          <input
            type="radio"
            name="perspective"
            value={value}
            checked={perspective === value}
            onChange={() => onChoose(value)}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}
