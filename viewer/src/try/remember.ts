/** Secrets that a user asked to keep until the tab is closed: in sessionStorage, and nowhere else. */
import type { Connection } from "./connection/Connection";

export interface Kept {
  name: string;
  channel: string;
  tokens: Record<string, string>;
  cookies: Record<string, string>;
  firstMessage: string;
}

const PREFIX = "chanspec-try:";

function isKept(value: unknown): value is Kept {
  const kept = value as Partial<Kept> | null;
  return typeof kept === "object" && kept !== null && typeof kept.name === "string" && typeof kept.channel === "string" &&
    typeof kept.tokens === "object" && typeof kept.cookies === "object" && typeof kept.firstMessage === "string";
}

export function remembered(key: string): Kept[] {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(PREFIX + key) ?? "[]");
    return Array.isArray(value) ? value.filter(isKept).slice(0, 20) : [];
  } catch {
    return [];
  }
}

export function remember(key: string, connections: readonly Connection[]): void {
  const kept = connections
    .filter(({ settings }) => settings.remember)
    .map(({ name, settings: { channel, tokens, cookies, firstMessage } }): Kept => ({ name, channel, tokens, cookies, firstMessage }));
  try {
    if (kept.length === 0) sessionStorage.removeItem(PREFIX + key);
    else sessionStorage.setItem(PREFIX + key, JSON.stringify(kept));
  } catch {
    // A browser may forbid storage; then nothing is remembered.
  }
}
