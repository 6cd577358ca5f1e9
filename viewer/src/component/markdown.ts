/**
 * Markdown → HTML, with the library's steps counted. Its rules look for what ends a mark in all of the text behind it: ninety
 * kilobytes of `*a_`, in which nothing ends, take it a minute.
 */
import { Lexer, marked, Tokenizer, type Options, type Token } from "marked";

import { Budget } from "../document/budget";

/** What one text may cost. It takes 200 ms at most. */
export const EACH = 1_000_000;
/** What all texts of a document may cost together. */
export const ALL = 5_000_000;
/** Characters of a paragraph that one rule passes in a step. */
const PASSED = 50;

/** Inline rules by the characters that they begin with. */
const RULES: Record<string, string> = {
  autolink: "<",
  codespan: "`",
  del: "~",
  emStrong: "*_",
  link: "[!",
  reflink: "[!",
  tag: "<",
};
const OPENERS = /[[<`\\]/g;

function openersIn(text: string): number {
  return text.match(OPENERS)?.length ?? 0;
}

/** A table's head is looked for at each bar of a line, in the rest of it. */
function barsIn(text: string): number {
  return text.split("\n").reduce((steps, line) => steps + ((line.match(/\|/g)?.length ?? 0) * line.length) / PASSED, 0);
}

/** Each item of a list is cut off from what follows it. */
function itemsIn(text: string): number {
  return ((text.match(/^ *(?:[*+-]|\d+[.)])(?=\s)/gm)?.length ?? 0) * text.length) / PASSED;
}

/** An address is read again for each mark at its end that is no part of it. */
function addressAt(text: string): number {
  const length = /^(?:www\.|https?:|ftp:)\S*/i.exec(text)?.[0].length ?? 0;
  return (length * length) / PASSED;
}

/** Rules that look for their end in the rest of the text pay for the rest of the text. */
class CountedTokenizer extends Tokenizer {
  constructor(spend: (steps: number) => void) {
    super();
    for (const [name, starts] of Object.entries(RULES)) {
      const rule = super[name] as (text: string, ...others: unknown[]) => unknown;
      this[name] = (text: string, ...others: unknown[]): unknown => {
        spend(starts.includes(text.charAt(0)) ? 1 + text.length : 0);
        return rule.call(this, text, ...others);
      };
    }
    const url = super["url"] as (text: string, ...others: unknown[]) => unknown;
    this["url"] = (text: string, ...others: unknown[]): unknown => {
      spend(addressAt(text));
      return url.call(this, text, ...others);
    };
  }
}

class CountedLexer extends Lexer {
  constructor(
    options: Options,
    private readonly spend: (steps: number) => void,
  ) {
    super({ ...options, tokenizer: new CountedTokenizer(spend) });
  }

  /** Called for each quote and list item inside, too. */
  override blockTokens(text: string, tokens?: Token[]): Token[] {
    this.spend(text.length + barsIn(text) + itemsIn(text));
    return super.blockTokens(text, tokens);
  }

  override inlineTokens(text: string, tokens?: Token[]): Token[] {
    this.spend(text.length + (openersIn(text) * text.length) / PASSED);
    return super.inlineTokens(text, tokens);
  }
}

export type Highlight = (code: string, language: string) => string;

/** HTML that is not to be trusted; undefined where the text would take too long. Takes what it costs from `all`. */
export function htmlOf(text: string, highlight: Highlight, all: Budget, each = EACH): string | undefined {
  const budget = new Budget(each);
  const spend = (steps: number): void => {
    budget.spend(steps);
    all.spend(steps);
  };
  const options = { ...marked.defaults, langPrefix: "hljs language-", highlight, mangle: false, headerIds: false };
  try {
    return marked.parser(new CountedLexer(options, spend).lex(text), options);
  } catch {
    // The budget is spent, or thousands of quotes in each other are more than the stack holds.
    return undefined;
  }
}
