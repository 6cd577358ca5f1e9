/** The entries of a log that a filter lets through. New entries cost what they are, not what the log is. */
import { isWrong, type Entry } from "./entry";
import type { Log } from "./Log";

export interface Filter {
  direction: "all" | "sent" | "received";
  /** A message's title; empty for all. */
  name: string;
  text: string;
  onlyWrong: boolean;
}

export const EVERYTHING: Filter = { direction: "all", name: "", text: "", onlyWrong: false };

export function passes(entry: Entry, filter: Filter, text = filter.text.toLowerCase()): boolean {
  if (filter.onlyWrong && !isWrong(entry)) return false;
  if (filter.direction !== "all" && entry.direction !== filter.direction) return false;
  if (filter.name !== "" && entry.name !== filter.name) return false;
  return text === "" || entry.name.toLowerCase().includes(text) || entry.text.toLowerCase().includes(text);
}

/** What was there before a number came, without what is gone or hidden since. */
export function before(log: Log, number: number, filter: Filter): readonly Entry[] {
  const text = filter.text.toLowerCase();
  return log.entries.filter((entry) => entry.number < number && passes(entry, filter, text));
}

export class View {
  private shown: Entry[] = [];
  private next = 0;
  private generation = -1;
  private filter: Filter | undefined;

  constructor(private readonly log: Log) {}

  /** A new array where something changed, else the same. */
  update(filter: Filter): readonly Entry[] {
    const { entries, dropped, generation, count } = this.log;
    const isNew = generation !== this.generation || this.filter === undefined || !equal(filter, this.filter);
    if (!isNew && this.next === count) return this.shown;
    const text = filter.text.toLowerCase();
    const fresh = entries.slice(isNew ? 0 : Math.max(0, this.next - dropped)).filter((entry) => passes(entry, filter, text));
    const kept = isNew ? [] : this.shown;
    const first = kept.findIndex((entry) => entry.number >= dropped);
    this.shown = [...(first <= 0 ? (first === 0 ? kept : []) : kept.slice(first)), ...fresh];
    this.next = count;
    this.generation = generation;
    this.filter = filter;
    return this.shown;
  }
}

function equal(left: Filter, right: Filter): boolean {
  return left.direction === right.direction && left.name === right.name && left.text === right.text && left.onlyWrong === right.onlyWrong;
}
