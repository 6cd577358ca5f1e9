/** What the page and the try-it-out, which is a module of its own and comes later, know of each other. Types only. */
import type { ComponentType } from "react";

import type { JsonObject } from "../document/json";
import type { Perspective } from "../document/prepare";

/** All that is tried with one document; only the module looks inside. */
export type Session = object & { readonly key: string };

export interface TryModule {
  sessionFor(key: string, document: JsonObject, perspective: Perspective): Session;
  Dock: ComponentType<{ session: Session; onClose(): void }>;
  OperationPanel: ComponentType<{ session: Session; action: string }>;
}
