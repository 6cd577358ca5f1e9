/** A log as JSON Lines: one frame a line, for other programs. Secrets were hidden before anything was kept. */
import { compact } from "../compose/jsonText";
import type { Entry } from "./entry";

function line(entry: Entry, connection: string): string {
  const isJson = entry.direction !== "note" && !entry.isCut && !entry.isBinary && isValid(entry.text);
  const about = JSON.stringify({
    time: new Date(entry.at).toISOString(),
    connection,
    direction: entry.direction,
    ...(entry.name !== "" ? { message: entry.name } : {}),
    ...(entry.direction !== "note" ? { bytes: entry.size } : {}),
    ...(entry.latency !== undefined ? { latency_ms: Math.round(entry.latency * 10) / 10 } : {}),
    ...(entry.judgement !== "" ? { check: entry.judgement } : {}),
    ...(entry.mistakes.length > 0 ? { mistakes: entry.mistakes } : {}),
    ...(entry.isCut ? { cut: true } : {}),
    ...(isJson ? {} : { text: entry.text }),
  });
  // Written as it came: a number that JavaScript cannot hold would become another.
  return isJson ? `${about.slice(0, -1)},"frame":${compact(entry.text)}}` : about;
}

function isValid(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export function jsonLines(entries: readonly Entry[], connection: string): string {
  return entries.map((entry) => `${line(entry, connection)}\n`).join("");
}
