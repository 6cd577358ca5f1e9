/** Any value of a document as indented JSON, as far as somebody can read it: neither its size nor its depth stops the page. */
import { Budget, counted, DEEPEST } from "../document/budget";

export const LONGEST = 50_000;
/** Deeper than it nothing is indented further: the spaces of a deep value would outweigh it a thousandfold. */
const DEEPEST_INDENT = 32;

export interface Printed {
  text: string;
  /** What is left out, in words; empty where nothing is. */
  cut: string;
}

class Printer {
  readonly parts: string[] = [];
  isTooDeep = false;
  private readonly around = new Set<object>();
  private readonly budget: Budget;

  constructor(longest: number) {
    this.budget = new Budget(longest);
  }

  get isTooLong(): boolean {
    return this.budget.isSpent;
  }

  value(value: unknown): void {
    if (typeof value !== "object" || value === null) return this.write(JSON.stringify(value) ?? "null");
    if (this.around.has(value)) return this.write('"(contains itself)"');
    if (this.around.size >= DEEPEST) {
      this.isTooDeep = true;
      return this.write('"…"');
    }
    this.around.add(value);
    if (Array.isArray(value)) this.members("[", "]", value.length, (index) => this.value(value[index]));
    else {
      const keys = Object.keys(value).filter((key) => !/^x-(parser|schema-private)-/.test(key));
      this.members("{", "}", keys.length, (index) => {
        const key = keys[index] as string;
        this.write(`${JSON.stringify(key)}: `);
        this.value((value as Record<string, unknown>)[key]);
      });
    }
    this.around.delete(value);
  }

  private members(open: string, close: string, count: number, member: (index: number) => void): void {
    if (count === 0) return this.write(open + close);
    this.write(open);
    for (let index = 0; index < count && !this.isTooLong; index++) {
      this.line(index > 0 ? "," : "");
      member(index);
    }
    this.line("", -1);
    this.write(close);
  }

  private line(before: string, more = 0): void {
    this.write(`${before}\n${"  ".repeat(Math.min(this.around.size + more, DEEPEST_INDENT))}`);
  }

  private write(text: string): void {
    if (!this.isTooLong && this.budget.take(text.length)) this.parts.push(text);
  }
}

/** `longest`: how many characters are written at most. */
export function printed(value: unknown, longest = LONGEST): Printed {
  const printer = new Printer(longest);
  printer.value(value);
  const text = printer.parts.join("");
  if (printer.isTooLong) return { text: `${text} …`, cut: `Only its first ${counted(longest)} characters are shown: it is too large.` };
  return { text, cut: printer.isTooDeep ? `Only its first ${DEEPEST} levels are shown: it is nested too deeply.` : "" };
}

const ONE_LINE = 2_000;

/** A value on one line, as JSON; a large or deep one as far as somebody can read it. */
export function inOneLine(value: unknown): string {
  const { text, cut } = printed(value, ONE_LINE);
  return cut === "" ? (JSON.stringify(value) ?? String(value)) : text.replace(/\n\s*/g, " ");
}
