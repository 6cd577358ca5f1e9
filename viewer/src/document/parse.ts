/** Text → plain data: JSON, or YAML 1.2. It does not ask what the data mean. */
import { Composer, isAlias, isCollection, isMap, isPair, isScalar, Lexer, LineCounter, Parser, type Document } from "yaml";

import { Budget, BudgetSpent, counted, DEEPEST, shortened } from "./budget";
import { Failure } from "./failure";

export interface Limits {
  characters: number;
  /** Pieces of YAML: a million of them take some four seconds. */
  pieces: number;
  /** Aliases times pieces: the YAML parser looks for each alias' anchor in all that it has read. */
  aliases: number;
}

export const LIMITS: Limits = { characters: 32_000_000, pieces: 1_000_000, aliases: 50_000_000 };
/** A mistake in JSON is looked for by the YAML parser, where the text is short. */
const SHORT = 200_000;

export function parse(text: string, contentType: string, limits: Limits = LIMITS): unknown {
  if (text.trim() === "") {
    throw new Failure({ title: "The document is empty", explanation: "The server answered, with no text at all." });
  }
  if (text.length > limits.characters) {
    throw tooLarge(`It has ${counted(text.length)} characters; this page reads ${counted(limits.characters)}.`);
  }
  const isJson = /[/+]json\b/i.test(contentType);
  if (isJson || /^\s*[{[]/.test(text)) {
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      const mistake = new Failure({ title: "The document is not valid JSON", explanation: sentence(String(error)) });
      if (isJson && text.length > SHORT) throw mistake;
      // JSON is YAML, and the YAML parser says where a mistake is. YAML allows more, though.
      const data = parseYaml(text, isJson ? "JSON" : "YAML", limits);
      if (isJson) throw mistake;
      return data;
    }
  }
  return parseYaml(text, "YAML", limits);
}

function tooLarge(reason: string): Failure {
  return new Failure({
    title: "The document is too large to be shown",
    explanation: `${reason} Show it in parts; and JSON is read much faster than YAML.`,
  });
}

function parseYaml(text: string, language: string, limits: Limits): unknown {
  const lines = new LineCounter();
  const invalid = (message: string, position: number): Failure => {
    const { line, col } = lines.linePos(position);
    const start = lines.lineStarts[line - 1] ?? 0;
    const source = text.slice(start, start + 1_000).split(/\r?\n/, 1)[0]?.trim() ?? "";
    return new Failure({
      title: `The document is not valid ${language}`,
      explanation: sentence(shortened(message)),
      where: `line ${line}, column ${col}`,
      ...(source !== "" ? { items: [shortened(source, 200)] } : {}),
    });
  };
  const document = withoutTraces(() => compose(text, lines, limits));
  const error = document.errors[0];
  if (error !== undefined) throw invalid(error.message, error.pos[0]);
  const repeated = repeatedKey(document);
  if (repeated !== undefined) throw invalid("Map keys must be unique", repeated);
  try {
    return document.toJS({ maxAliasCount: 1000 }) as unknown;
  } catch (reason) {
    throw new Failure({
      title: `The document is not valid ${language}`,
      explanation: sentence(reason instanceof Error ? shortened(reason.message) : String(reason)),
    });
  }
}

/** A stack trace for each of ten thousand mistakes takes longer than finding them. */
function withoutTraces<Result>(work: () => Result): Result {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** What `parseDocument` of the library does, with its steps counted. It recurses: in a deep text it would end the tab. */
function compose(text: string, lines: LineCounter, limits: Limits): Document {
  const pieces = new Budget(limits.pieces);
  const parser = new Parser(lines.addNewLine);
  const tokens = [];
  lines.addNewLine(0);
  let [count, aliases] = [0, 0];
  try {
    for (const piece of new Lexer().lex(text)) {
      pieces.spend();
      count++;
      if (piece.startsWith("*")) aliases++;
      for (const token of parser.next(piece)) tokens.push(token);
      if (parser.stack.length > DEEPEST) {
        const { line, col } = lines.linePos(parser.offset);
        throw new Failure({
          title: "The document is nested too deeply to be shown",
          explanation: `More than ${DEEPEST} parts of it stand in each other.`,
          where: `line ${line}, column ${col}`,
        });
      }
    }
  } catch (error) {
    if (error instanceof BudgetSpent) throw tooLarge(`It consists of more than ${counted(limits.pieces)} pieces of YAML.`);
    throw error;
  }
  if (aliases * count > limits.aliases) throw tooLarge(`Its YAML has ${counted(aliases)} aliases.`);
  for (const token of parser.end()) tokens.push(token);
  // `uniqueKeys` compares each key with all before it.
  const options = { version: "1.2", merge: true, uniqueKeys: false, prettyErrors: false, logLevel: "error" } as const;
  const [document, second] = new Composer(options).compose(tokens, true, text.length);
  if (document === undefined) throw new Error("a composer always ends with a document");
  if (second !== undefined && document.errors.length === 0) {
    const { line, col } = lines.linePos(second.range[0]);
    throw new Failure({ title: "The document is not one document", explanation: "Another begins in the same text.", where: `line ${line}, column ${col}` });
  }
  return document;
}

/** Where a map has a key for the second time. */
function repeatedKey(document: Document): number | undefined {
  const pending: unknown[] = [document.contents];
  let first: number | undefined;
  while (pending.length > 0) {
    const node = pending.pop();
    if (isPair(node)) pending.push(node.key, node.value);
    if (!isCollection(node) || isAlias(node)) continue;
    const keys = new Set<unknown>();
    for (const item of node.items) {
      pending.push(item);
      if (!isMap(node) || !isPair(item) || !isScalar(item.key)) continue;
      const { value, range } = item.key;
      if (keys.has(value) && value !== "<<" && typeof value !== "symbol") first = Math.min(first ?? Infinity, range?.[0] ?? 0);
      keys.add(value);
    }
  }
  return first;
}

function sentence(message: string): string {
  const text = message.trim();
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
