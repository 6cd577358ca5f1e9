/**
 * Regular expressions of a document, on texts of a peer. The browser's own engine backtracks: `^(a+)+$` on forty characters
 * stops it for a day, and nothing can end that. This one follows all ways through a pattern at once, so a text costs its length
 * times the pattern's, and each step is counted. What needs backtracking (`\1`, look-behind) it does not do.
 */
import type { Budget } from "../../document/budget";

export class Unsupported extends Error {}

const LONGEST = 2_000;
/** `{1,1000}` is a thousand copies of what it repeats. */
const MOST_STATES = 3_000;
const DEEPEST = 60;

type Test = (character: string) => boolean;
type Place = "start" | "end" | "word" | "inside";

type State =
  | { kind: "one"; test: Test; next: number }
  | { kind: "either"; next: number; other: number }
  | { kind: "at"; place: Place; next: number }
  | { kind: "ahead"; program: Pattern; isThere: boolean; next: number }
  | { kind: "end" };

/** A part of a pattern: writes its states so that they lead to `next`, and returns the first of them. */
type Part = (next: number) => number;

const WORD = /^\w$/;

class Compiler {
  private at = 0;
  private depth = 0;
  readonly states: State[] = [{ kind: "end" }];

  constructor(private readonly source: string) {}

  compile(): number {
    const part = this.alternatives();
    if (this.at < this.source.length) throw new Unsupported("an odd parenthesis");
    return part(0);
  }

  private add(state: State): number {
    if (this.states.length >= MOST_STATES) throw new Unsupported("too large");
    return this.states.push(state) - 1;
  }

  private take(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  private alternatives(): Part {
    if (++this.depth > DEEPEST) throw new Unsupported("too deep");
    const parts = [this.sequence()];
    while (this.take("|")) parts.push(this.sequence());
    this.depth--;
    return (next) => parts.map((part) => part(next)).reduceRight((other, first) => this.add({ kind: "either", next: first, other }));
  }

  private sequence(): Part {
    const parts: Part[] = [];
    while (this.at < this.source.length && !"|)".includes(this.source[this.at] as string)) parts.push(this.term());
    return (next) => parts.reduceRight((following, part) => part(following), next);
  }

  private term(): Part {
    const place = this.place();
    if (place !== undefined) return (next) => this.add({ kind: "at", place, next });
    for (const [mark, isThere] of [["(?=", true], ["(?!", false]] as const) {
      if (this.take(mark)) return this.ahead(isThere);
    }
    if (this.take("(?<=") || this.take("(?<!")) throw new Unsupported("look-behind");
    const group = /^\((?:\?:|\?<[\p{ID_Start}$_][\p{ID_Continue}$]*>|(?!\?))/u.exec(this.source.slice(this.at));
    if (group === null) return this.repeated(this.one());
    this.at += group[0].length;
    const inside = this.alternatives();
    if (!this.take(")")) throw new Unsupported("an open parenthesis");
    return this.repeated(inside);
  }

  private place(): Place | undefined {
    if (this.take("^")) return "start";
    if (this.take("$")) return "end";
    if (this.take("\\b")) return "word";
    return this.take("\\B") ? "inside" : undefined;
  }

  private ahead(isThere: boolean): Part {
    const compiler = new Compiler(this.closed());
    const first = compiler.compile();
    const program = new Pattern(compiler.states, first);
    return (next) => this.add({ kind: "ahead", program, isThere, next });
  }

  /** The text up to the parenthesis that closes. */
  private closed(): string {
    const from = this.at;
    for (let depth = 1, isClass = false; this.at < this.source.length; this.at++) {
      const character = this.source[this.at];
      if (character === "\\") this.at++;
      else if (isClass) isClass = character !== "]";
      else if (character === "[") isClass = true;
      else if (character === "(") depth++;
      else if (character === ")" && --depth === 0) return this.source.slice(from, this.at++);
    }
    throw new Unsupported("an open parenthesis");
  }

  private one(): Part {
    const rest = this.source.slice(this.at);
    const found =
      /^(?:\\(?:u\{[0-9a-fA-F]+\}|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|[pP]\{[^}]*\}|[^1-9kbB])|\[(?:\\.|[^\]\\])*\]|[^\\()[\]{}*+?|^$])/su.exec(rest);
    if (found === null) throw new Unsupported("a back-reference, or no pattern");
    this.at += found[0].length;
    const test = testOf(found[0]);
    return (next) => this.add({ kind: "one", test, next });
  }

  private repeated(part: Part): Part {
    const found = /^(?:[*+?]|\{(\d+)(,(\d*))?\})\??/.exec(this.source.slice(this.at));
    if (found === null) return part;
    this.at += found[0].length;
    const [whole, count, range, limit] = found;
    const least = count !== undefined ? Number(count) : whole.startsWith("+") ? 1 : 0;
    const most = count === undefined ? (whole.startsWith("?") ? 1 : Infinity) : range === undefined ? least : limit === "" ? Infinity : Number(limit);
    if (least > MOST_STATES || (most !== Infinity && most > MOST_STATES)) throw new Unsupported("too large");
    return (next) => {
      let first = next;
      if (most === Infinity) {
        const loop = this.add({ kind: "either", next: 0, other: next });
        (this.states[loop] as { next: number }).next = part(loop);
        first = loop;
      } else {
        for (let more = least; more < most; more++) first = this.add({ kind: "either", next: part(first), other: next });
      }
      for (let more = 0; more < least; more++) first = part(first);
      return first;
    };
  }
}

/** Whether a single character is what a part of a pattern stands for. The browser says; that takes no time. */
function testOf(source: string): Test {
  const expression = new RegExp(`^${source}$`, "u");
  const known = new Map<string, boolean>();
  return (character) => {
    let result = known.get(character);
    if (result === undefined) {
      result = expression.test(character);
      if (known.size < 500) known.set(character, result);
    }
    return result;
  };
}

export class Pattern {
  constructor(
    private readonly states: readonly State[],
    private readonly first: number,
  ) {}

  /** Whether it is somewhere in the text. Spends a step for each state at each character. */
  test(text: string, budget: Budget): boolean {
    return this.run([...text], 0, false, budget);
  }

  private run(characters: string[], from: number, isAnchored: boolean, budget: Budget): boolean {
    let current = new Set<number>();
    for (let at = from; at <= characters.length; at++) {
      if (at === from || !isAnchored) this.reach(this.first, current, characters, at, budget);
      if (current.has(0)) return true;
      if (current.size === 0 && isAnchored) return false;
      const character = characters[at];
      if (character === undefined) return false;
      const next = new Set<number>();
      for (const index of current) {
        budget.spend();
        const state = this.states[index] as State;
        if (state.kind === "one" && state.test(character)) this.reach(state.next, next, characters, at + 1, budget);
      }
      current = next;
    }
    return false;
  }

  /** Adds a state, and those that it leads to without a character. */
  private reach(index: number, into: Set<number>, characters: string[], at: number, budget: Budget): void {
    const pending = [index];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (into.has(next)) continue;
      budget.spend();
      into.add(next);
      const state = this.states[next] as State;
      if (state.kind === "either") pending.push(state.other, state.next);
      else if (state.kind === "at" && isAt(state.place, characters, at)) pending.push(state.next);
      else if (state.kind === "ahead" && state.program.run(characters, at, true, budget) === state.isThere) pending.push(state.next);
    }
  }
}

function isAt(place: Place, characters: string[], at: number): boolean {
  if (place === "start") return at === 0;
  if (place === "end") return at === characters.length;
  const [before, after] = [at > 0 && WORD.test(characters[at - 1] as string), at < characters.length && WORD.test(characters[at] as string)];
  return (before !== after) === (place === "word");
}

const known = new Map<string, Pattern | undefined>();
const MOST_KNOWN = 1_000;

/** Undefined for what is no pattern, or one that cannot be followed in bounded time. */
export function patternOf(source: string): Pattern | undefined {
  if (known.has(source)) return known.get(source);
  let pattern: Pattern | undefined;
  try {
    if (source.length > LONGEST) throw new Unsupported("too long");
    // It is compiled when it first runs, and this one never does: it is only asked whether it is a pattern.
    new RegExp(source, "u");
    const compiler = new Compiler(source);
    const first = compiler.compile();
    pattern = new Pattern(compiler.states, first);
  } catch {
    pattern = undefined;
  }
  if (known.size < MOST_KNOWN) known.set(source, pattern);
  return pattern;
}
