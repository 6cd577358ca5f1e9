/** The try-it-out's module: what the page asks of it. */
import "./style/try.css";

import type { JsonObject } from "../document/json";
import type { Perspective } from "../document/prepare";
import type { TryModule } from "../tryout/module";
import { Session } from "./Session";
import { Dock as TryDock } from "./ui/Dock";
import { OperationPanel as TryOperation } from "./ui/OperationPanel";

/** One per document and reading, for the page's life: going back to a document finds its connections. */
const sessions = new Map<string, Session>();

export const sessionFor: TryModule["sessionFor"] = (key: string, document: JsonObject, perspective: Perspective) => {
  const session = sessions.get(key) ?? new Session(key, document, perspective);
  sessions.set(key, session);
  return session;
};

export const Dock = TryDock as unknown as TryModule["Dock"];
export const OperationPanel = TryOperation as unknown as TryModule["OperationPanel"];
