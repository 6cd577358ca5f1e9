/** The theme as React state, kept on the root element for the style sheet. */
import { useCallback, useLayoutEffect, useState, useSyncExternalStore } from "react";

import { storedTheme, storeTheme, type Theme } from "./theme";

const store = (): Storage => localStorage;
const dark = matchMedia("(prefers-color-scheme: dark)");

function systemTheme(): Theme {
  return dark.matches ? "dark" : "light";
}

function followSystem(changed: () => void): () => void {
  dark.addEventListener("change", changed);
  return () => dark.removeEventListener("change", changed);
}

export function useTheme(): { theme: Theme; toggle: () => void } {
  const system = useSyncExternalStore(followSystem, systemTheme);
  const [chosen, setChosen] = useState(() => storedTheme(store));
  const theme = chosen ?? system;
  useLayoutEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  const toggle = useCallback(() => {
    const next = theme === "dark" ? "light" : "dark";
    storeTheme(store, next, system);
    setChosen(next === system ? undefined : next);
  }, [theme, system]);
  return { theme, toggle };
}
