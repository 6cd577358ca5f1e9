/** JSON as text: where its values are, what is wrong with it, and without its spaces. Numbers stay as they were written. */

export interface Span {
  from: number;
  to: number;
}

export interface Place {
  /** Steps from the root to the value, or to the object whose member is being named. */
  path: string[];
  /** Whether a member's name is being written. */
  isKey: boolean;
  /** What is being written, from its first character. */
  from: number;
  /** Names that the object has already. */
  names: string[];
}

/** Spaces outside strings removed. A text that is not JSON is sent as it is. */
export function compact(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  return text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_whole, string: string | undefined) => string ?? "");
}

const PIECE = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
/** Deeper than it nothing is indented further: the spaces of a deep text would outweigh it a thousandfold. */
const DEEPEST_INDENT = 32;

/** One value a line, indented; its numbers and repeated names as they came. A text that is not JSON stays as it is. */
export function pretty(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  const parts: string[] = [];
  let depth = 0;
  let isAfterOpening = false;
  const newLine = (): number => parts.push(`\n${"  ".repeat(Math.min(depth, DEEPEST_INDENT))}`);
  for (const [piece] of text.matchAll(PIECE)) {
    const isClosing = piece === "}" || piece === "]";
    if (isClosing) depth--;
    if (isAfterOpening !== isClosing && piece !== "," && piece !== ":") newLine();
    parts.push(piece === ":" ? ": " : piece);
    if (piece === ",") newLine();
    isAfterOpening = piece === "{" || piece === "[";
    if (isAfterOpening) depth++;
  }
  return parts.join("");
}

/** The first number that JavaScript cannot hold as it is written: a form would send another one. */
export function inexactNumber(text: string): string | undefined {
  for (const [piece] of text.matchAll(PIECE)) {
    if (/^-?\d/.test(piece) && !isExact(piece)) return piece;
  }
  return undefined;
}

/** Whether a number, as it is written, is the one that JavaScript makes of it. */
export function isExact(number: string): boolean {
  const value = Number(number);
  if (!Number.isFinite(value)) return false;
  if (/^-?\d+$/.test(number)) return Number.isSafeInteger(value) || BigInt(value) === BigInt(number);
  return number.replace(/e.*$/i, "").replace(/[-.]|^0+/g, "").length <= 17;
}

interface Frame {
  isArray: boolean;
  key: string;
  index: number;
  names: string[];
  start: number;
}

function escaped(step: string): string {
  return step.replaceAll("~", "~0").replaceAll("/", "~1");
}

const TOKEN = /\s+|"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s{}[\],:"]+/gy;

/** Reads tokens up to a position; what is broken is read as far as it makes sense. */
class Scanner {
  readonly stack: Frame[] = [];
  readonly spans = new Map<string, Span>();
  expectsKey = false;
  /** The token that the position is in. */
  current: { text: string; from: number } | undefined;

  constructor(
    private readonly text: string,
    private readonly end = Infinity,
  ) {
    TOKEN.lastIndex = 0;
    for (let match = TOKEN.exec(this.text); match !== null; match = TOKEN.exec(this.text)) {
      const from = match.index;
      if (from >= this.end) return;
      const inside = from + match[0].length >= this.end && !/^[\s{}[\],:]/.test(match[0]);
      const closed = /^".*"$/s.test(match[0]) && from + match[0].length === this.end && match[0].length > 1;
      if (inside && !closed) {
        this.current = { text: match[0], from };
        return;
      }
      this.token(match[0], from);
    }
  }

  path(): string[] {
    return this.stack.map((frame) => (frame.isArray ? String(frame.index) : frame.key));
  }

  private token(token: string, from: number): void {
    if (/^\s/.test(token)) return;
    const top = this.stack.at(-1);
    if (token === "{" || token === "[") {
      this.stack.push({ isArray: token === "[", key: "", index: 0, names: [], start: from });
      this.expectsKey = token === "{";
    } else if (token === "}" || token === "]") {
      const closed = this.stack.pop();
      if (closed !== undefined) this.mark(this.path(), closed.start, from + 1);
      this.expectsKey = false;
    } else if (token === ",") {
      if (top !== undefined && top.isArray) top.index++;
      this.expectsKey = top !== undefined && !top.isArray;
    } else if (token === ":") {
      this.expectsKey = false;
    } else if (this.expectsKey && top !== undefined) {
      top.key = unquoted(token);
      top.names.push(top.key);
    } else {
      this.mark(this.path(), from, from + token.length);
    }
  }

  private mark(path: string[], from: number, to: number): void {
    this.spans.set(path.map((step) => `/${escaped(step)}`).join(""), { from, to });
  }
}

function unquoted(token: string): string {
  try {
    return String(JSON.parse(token));
  } catch {
    return token.replace(/^"|"$/g, "");
  }
}

/** Where each value is, by JSON Pointer. */
export function spansOf(text: string): Map<string, Span> {
  return new Scanner(text).spans;
}

/** What could be written at a position. */
export function placeAt(text: string, position: number): Place | undefined {
  const scanner = new Scanner(text, position);
  const top = scanner.stack.at(-1);
  const from = scanner.current?.from ?? position;
  if (top === undefined) return undefined;
  if (scanner.expectsKey) return { path: scanner.path().slice(0, -1), isKey: true, from, names: top.names };
  return { path: scanner.path(), isKey: false, from, names: [] };
}

export interface SyntaxMistake extends Span {
  reason: string;
}

/** The first mistake in the text's syntax. */
export function syntaxMistake(text: string): SyntaxMistake | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    const at = /position (\d+)/.exec(message)?.[1];
    const from = at === undefined ? firstOddity(text) : Number(at);
    const start = Math.max(0, Math.min(from, text.length - 1));
    return { from: start, to: Math.min(start + 1, text.length), reason: text.trim() === "" ? "is empty" : "is not valid JSON here" };
  }
}

/** Some browsers do not say where. */
function firstOddity(text: string): number {
  let low = text.trimEnd().length;
  const word = /(?:^|[\s:,[])(?!true|false|null)([^\s{}[\],:"\d-][^\s{}[\],:"]*)/.exec(text.replace(/"(?:[^"\\]|\\.)*"/g, (string) => " ".repeat(string.length)));
  if (word?.[1] !== undefined) low = text.indexOf(word[1], word.index);
  return low;
}
