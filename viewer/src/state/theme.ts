/** Light or dark: the system's choice until the reader makes another. */

export type Theme = "light" | "dark";

/** The part of `localStorage` used here; a browser may forbid even looking at it. */
export interface Store {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const KEY = "chanspec-theme";

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

export function storedTheme(store: () => Store): Theme | undefined {
  const value = attempt(() => store().getItem(KEY));
  return value === "light" || value === "dark" ? value : undefined;
}

/** Remembers a choice. Choosing what the system has is following the system again. */
export function storeTheme(store: () => Store, theme: Theme, system: Theme): void {
  attempt(() => (theme === system ? store().removeItem(KEY) : store().setItem(KEY, theme)));
}
