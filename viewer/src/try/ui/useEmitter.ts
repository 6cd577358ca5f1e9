/** Renders anew when something outside React changed. */
import { useSyncExternalStore } from "react";

import type { Emitter } from "../emitter";

export function useEmitter(emitter: Emitter): number {
  return useSyncExternalStore(emitter.subscribe, emitter.snapshot);
}
