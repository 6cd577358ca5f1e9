/** One line of a log. */
import type { Judgement } from "../check/recognise";
import type { Mistake } from "../check/check";

export type Direction = "sent" | "received" | "note";

export interface Entry {
  /** Counts up within a log, from 0. */
  number: number;
  /** Milliseconds since 1970. */
  at: number;
  direction: Direction;
  /** Without secrets, and cut where it is very long. */
  text: string;
  /** Bytes on the wire, whatever is kept of the text. */
  size: number;
  isBinary: boolean;
  isCut: boolean;
  /** Whether something was hidden: such a frame cannot be sent again from the log. */
  isRedacted: boolean;
  /** The message's title; empty where the document has none for it. */
  name: string;
  /** The action it was sent as, to be edited as it. */
  action: string;
  messageId: string;
  judgement: Judgement | "";
  mistakes: Mistake[];
  /** Milliseconds since the action that it answers. */
  latency: number | undefined;
}

export type NewEntry = Omit<Entry, "number" | "at"> & { at?: number };

export function note(text: string): NewEntry {
  return {
    direction: "note",
    text,
    size: 0,
    isBinary: false,
    isCut: false,
    isRedacted: false,
    name: "",
    action: "",
    messageId: "",
    judgement: "",
    mistakes: [],
    latency: undefined,
  };
}

export function isWrong(entry: Entry): boolean {
  return entry.direction === "received" && (entry.judgement === "mismatch" || entry.judgement === "undocumented");
}

/** Bytes of a text in UTF-8. */
export function byteLength(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return bytes;
}
