/** The try-it-out as React state: left out, closed, on its way, open. */
import { createContext, useCallback, useEffect, useMemo, useState } from "react";

import type { TryItOutConfig } from "../config";
import type { Perspective, Prepared } from "../document/prepare";
import { loadTryItOut } from "./load";
import type { Session, TryModule } from "./module";

export interface TryItOut {
  perspective: Perspective;
  isOpen: boolean;
  isLoading: boolean;
  error: string;
  module: TryModule | undefined;
  session: Session | undefined;
  setOpen(open: boolean): void;
}

/** Undefined where the page was not given a try-it-out. */
export const TryContext = createContext<TryItOut | undefined>(undefined);

export function useTryItOut(config: TryItOutConfig | undefined, key: string, prepared: Prepared | undefined, perspective: Perspective): TryItOut | undefined {
  const [isOpen, setOpen] = useState(config?.open === true);
  const [module, setModule] = useState<TryModule>();
  const [error, setError] = useState("");
  const isWanted = isOpen && prepared !== undefined && module === undefined && config !== undefined;
  useEffect(() => {
    if (!isWanted) return;
    setError("");
    loadTryItOut(config).then(
      (loaded) => setModule(() => loaded),
      () => {
        setOpen(false);
        setError("The try-it-out could not be loaded. Check your connection, then try again.");
      },
    );
  }, [isWanted, config]);
  const session = useMemo(
    () => (module === undefined || prepared === undefined ? undefined : module.sessionFor(`${key} ${perspective}`, prepared.schema, perspective)),
    [module, prepared, key, perspective],
  );
  const choose = useCallback((open: boolean) => setOpen(open), []);
  return useMemo(
    () => (config === undefined ? undefined : { perspective, isOpen, isLoading: isWanted, error, module, session, setOpen: choose }),
    [config, perspective, isOpen, isWanted, error, module, session, choose],
  );
}
