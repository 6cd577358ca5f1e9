/** A log as JSON Lines: one frame a line, for other programs. Secrets were hidden before anything was kept. */
import type { Entry } from "./entry";

function line(entry: Entry, connection: string): string {
  let frame: unknown;
  try {
    frame = entry.direction === "note" || entry.isCut || entry.isBinary ? undefined : JSON.parse(entry.text);
  } catch {
    frame = undefined;
  }
  return JSON.stringify({
    time: new Date(entry.at).toISOString(),
    connection,
    direction: entry.direction,
    ...(entry.name !== "" ? { message: entry.name } : {}),
    ...(entry.direction !== "note" ? { bytes: entry.size } : {}),
    ...(entry.latency !== undefined ? { latency_ms: Math.round(entry.latency * 10) / 10 } : {}),
    ...(entry.judgement !== "" ? { check: entry.judgement } : {}),
    ...(entry.mistakes.length > 0 ? { mistakes: entry.mistakes } : {}),
    ...(entry.isCut ? { cut: true } : {}),
    ...(frame !== undefined ? { frame } : { text: entry.text }),
  });
}

export function jsonLines(entries: readonly Entry[], connection: string): string {
  return entries.map((entry) => `${line(entry, connection)}\n`).join("");
}
