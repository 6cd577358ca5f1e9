/** The frames of one connection, the newest of them: a log that stays open for days keeps no more than its limits. */
import { Emitter } from "../emitter";
import { isWrong, type Entry, type NewEntry } from "./entry";

export interface Limits {
  entries: number;
  characters: number;
}

const LIMITS: Limits = { entries: 20_000, characters: 24_000_000 };
/** Dropping many at once is cheaper than one at a time. */
const SLACK = 0.05;

export class Log {
  readonly changed = new Emitter({ batched: "frame" });
  entries: Entry[] = [];
  /** The number of entries that are there no more, by limit or by `clear`. */
  dropped = 0;
  wrong = 0;
  /** Counts clearings: views start anew. */
  generation = 0;
  private characters = 0;

  constructor(private readonly limits: Limits = LIMITS) {}

  get count(): number {
    return this.dropped + this.entries.length;
  }

  add(entry: NewEntry): Entry {
    const added: Entry = { at: Date.now(), ...entry, number: this.count };
    this.entries.push(added);
    this.characters += added.text.length;
    if (isWrong(added)) this.wrong++;
    if (this.entries.length > this.limits.entries || this.characters > this.limits.characters) this.drop();
    this.changed.emit();
    return added;
  }

  clear(): void {
    this.dropped += this.entries.length;
    this.entries = [];
    this.characters = 0;
    this.wrong = 0;
    this.generation++;
    this.changed.emit();
  }

  /** Changes what is kept: a secret became known that is in it. */
  rewrite(hide: (text: string) => string): void {
    let isChanged = false;
    this.entries = this.entries.map((entry) => {
      const text = hide(entry.text);
      const mistakes = entry.mistakes.map(({ path, reason }) => ({ path: hide(path), reason: hide(reason) }));
      if (text === entry.text && mistakes.every(({ path, reason }, index) => path === entry.mistakes[index]?.path && reason === entry.mistakes[index]?.reason)) return entry;
      isChanged = true;
      return { ...entry, text, mistakes, isRedacted: true };
    });
    if (!isChanged) return;
    this.generation++;
    this.changed.emit();
  }

  private drop(): void {
    const spare = Math.ceil(this.limits.entries * SLACK);
    let [count, characters] = [0, this.characters];
    while (
      count < this.entries.length - 1 &&
      (this.entries.length - count > this.limits.entries - spare || characters > this.limits.characters * (1 - SLACK))
    ) {
      characters -= (this.entries[count] as Entry).text.length;
      count++;
    }
    this.entries = this.entries.slice(count);
    this.characters = characters;
    this.dropped += count;
  }
}
