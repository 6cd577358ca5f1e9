/**
 * What of a document is shown. A list of fifty thousand choices is no help to a reader, and drawing it stops the browser:
 * of lists and members that are that many, the first are shown, with a sentence where they stand. Nothing else changes, and
 * whoever checks messages reads the document itself, which is whole.
 */
import { counted } from "./budget";
import { isObject, member, objectsIn, setMember, type JsonObject } from "./json";

export const MOST = 200;
/** Of what is long by itself. */
const FEW: Record<string, number> = { examples: 20, messages: 50 };

/** How many a shortened list had. */
const WHOLE = Symbol("whole length");

/** The length of a list before it was shortened. */
export function wholeLength(list: readonly unknown[]): number {
  return (list as { [WHOLE]?: number })[WHOLE] ?? list.length;
}

const WORDS: Record<string, string> = {
  allOf: "parts",
  anyOf: "alternatives",
  dependencies: "dependencies",
  enum: "choices",
  examples: "examples",
  items: "items",
  messages: "messages",
  oneOf: "alternatives",
  parameters: "parameters",
  patternProperties: "patterns of members",
  properties: "members",
  security: "ways to authenticate",
  servers: "servers",
  tags: "tags",
  variables: "variables",
};

/** Members that are somebody's data. They are printed, and whoever prints them stops in time. */
const DATA = new Set(["const", "default", "example", "bindings"]);
const DATA_LISTS = new Set(["enum", "examples"]);
/** Members whose own keys are names that somebody chose. */
const NAMED = new Set(["properties", "patternProperties", "dependencies", "dependentSchemas", "definitions", "$defs", "parameters", "variables", "messages", "schemas"]);

function limitOf(key: string): number {
  return FEW[key] ?? MOST;
}

const MOST_MESSAGES = limitOf("messages");

function isLarge(value: object, key = ""): boolean {
  return (Array.isArray(value) ? value.length : Object.keys(value).length) > limitOf(key);
}

function isData(key: string, isNamed: boolean): boolean {
  return !isNamed && (DATA.has(key) || key.startsWith("x-"));
}

/** Maps of which each entry has a place of its own on the page, where they are drawn little by little. */
function sections(document: JsonObject): Set<unknown> {
  const components = member(document, "components");
  const channels = [...objectsIn(document, "channels"), ...objectsIn(components, "channels")].map(([, channel]) => channel);
  return new Set([
    document,
    ...["channels", "operations"].map((key) => member(document, key)),
    ...(isObject(components) ? [components, ...Object.values(components)] : []),
    ...channels.map((channel) => member(channel, "messages")),
  ]);
}

/** The messages of those channels that have too many of them. An operation, or a reply, without messages has them all. */
function crowded(document: JsonObject): Map<unknown, JsonObject[]> {
  const components = member(document, "components");
  const channels = [...objectsIn(document, "channels"), ...objectsIn(components, "channels")];
  const lists = channels.map(([, channel]) => [channel, objectsIn(channel, "messages").map(([, message]) => message)] as const);
  return new Map(lists.filter(([, messages]) => messages.length > MOST_MESSAGES));
}

class Shortener {
  readonly notes: string[] = [];
  private readonly copies = new Map<object, object>();
  private readonly pending: [source: object, copy: object, isNamed: boolean][] = [];
  private readonly whole: Set<unknown>;

  constructor(
    private readonly document: JsonObject,
    private readonly crowded: Map<unknown, JsonObject[]>,
  ) {
    this.whole = sections(document);
  }

  shorten(): JsonObject {
    for (const [, operation] of objectsIn(this.document, "operations")) this.nameMessages(operation);
    const result = this.copyOf(this.document, false) as JsonObject;
    for (let next = this.pending.pop(); next !== undefined; next = this.pending.pop()) this.fill(...next);
    return result;
  }

  /** Says which messages an operation has, where that are too many to show. */
  private nameMessages(operation: JsonObject): void {
    const copy = this.copyOf(operation, false) as JsonObject;
    const reply = operation["reply"];
    for (const [owner, target] of [[operation, copy], [reply, isObject(reply) ? this.copyOf(reply, false) : undefined]] as const) {
      if (!isObject(owner) || Array.isArray(owner["messages"])) continue;
      const messages = this.crowded.get(owner["channel"] ?? operation["channel"]);
      if (messages !== undefined) {
        setMember(target as JsonObject, "messages", messages.slice(0, MOST_MESSAGES).map((message) => this.copyOf(message, false)));
        tell(copy, "messages", MOST_MESSAGES, messages.length);
      }
    }
  }

  private copyOf(value: unknown, isNamed: boolean): unknown {
    if (typeof value !== "object" || value === null) return value;
    const known = this.copies.get(value);
    if (known !== undefined) return known;
    const copy = Array.isArray(value) ? [] : {};
    this.copies.set(value, copy);
    this.pending.push([value, copy, isNamed]);
    return copy;
  }

  private fill(source: object, copy: object, isNamed: boolean): void {
    if (Array.isArray(source)) {
      for (const item of source) (copy as unknown[]).push(this.copyOf(item, false));
      return;
    }
    const told = member(copy, "description");
    const own = Object.hasOwn(copy, "messages");
    for (const [key, value] of Object.entries(source)) {
      if (key === "messages" && own) continue;
      setMember(copy, key, isData(key, isNamed) ? value : this.member(key, value, isNamed));
    }
    if (isNamed) return;
    const { properties, required } = copy as JsonObject;
    if (Array.isArray(required) && required.length > MOST && isObject(properties)) {
      setMember(copy, "required", required.filter((name) => typeof name === "string" && Object.hasOwn(properties, name)));
    }
    if (told !== undefined) setMember(copy, "description", [member(source, "description"), told].filter((part) => typeof part === "string").join("\n\n"));
    for (const [key, value] of Object.entries(source)) {
      if (typeof value === "object" && value !== null && this.isCut(key, value, isNamed) && key !== "required") {
        const count = Array.isArray(value) ? value.length : Object.keys(value).length;
        if (source === this.document) this.notes.push(sentence(key, MOST, count));
        else tell(copy as JsonObject, key, limitOf(key), count);
      }
    }
  }

  private isCut(key: string, value: object, isNamed: boolean): boolean {
    return !isNamed && !isData(key, isNamed) && !this.whole.has(value) && isLarge(value, key);
  }

  private member(key: string, value: unknown, isNamed: boolean): unknown {
    if (typeof value !== "object" || value === null) return value;
    const names = !isNamed && NAMED.has(key);
    if (!this.isCut(key, value, isNamed)) {
      return !isNamed && DATA_LISTS.has(key) && Array.isArray(value) ? value : this.copyOf(value, names);
    }
    if (Array.isArray(value)) {
      // Whoever reads `required` looks for members that are shown.
      if (key === "required") return value;
      const first = value.slice(0, limitOf(key)).map((item: unknown) => (DATA_LISTS.has(key) ? item : this.copyOf(item, false)));
      return Object.defineProperty(first, WHOLE, { value: value.length });
    }
    const first = {};
    for (const name of Object.keys(value).slice(0, MOST)) setMember(first, name, this.copyOf((value as JsonObject)[name], false));
    return first;
  }
}

function sentence(key: string, shown: number, all: number): string {
  return `Only ${counted(shown)} of ${counted(all)} ${WORDS[key] ?? "parts"} are shown here.`;
}

/** Where it belongs, as Markdown. */
function tell(owner: JsonObject, key: string, shown: number, all: number): void {
  const before = owner["description"];
  const words = `*${sentence(key, shown, all)}*`;
  owner["description"] = typeof before === "string" && before !== "" ? `${before}\n\n${words}` : words;
}

/** Whether anything in the document is more than is shown. */
function hasLarge(document: JsonObject): boolean {
  const whole = sections(document);
  const seen = new Set<unknown>();
  const pending: unknown[] = [document];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    if (isLarge(next) && !whole.has(next)) return true;
    for (const [key, value] of Object.entries(next)) {
      if (Array.isArray(value) && isLarge(value, key)) return true;
      pending.push(value);
    }
  }
  return false;
}

export interface Shown {
  /** The document itself, or a copy that is shorter. */
  document: JsonObject;
  /** What is left out of it as a whole, in sentences. */
  notes: string[];
}

/** The document for those who show it. Its references must be resolved. */
export function shownOf(document: JsonObject): Shown {
  const channels = crowded(document);
  if (channels.size === 0 && !hasLarge(document)) return { document, notes: [] };
  const shortener = new Shortener(document, channels);
  return { document: shortener.shorten(), notes: shortener.notes };
}
