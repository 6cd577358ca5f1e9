/** A value that a schema allows, for messages without an example. It takes what is required, no more. */
import { printed } from "../../component/printed";
import { Budget } from "../../document/budget";
import { isObject, member, setMember } from "../../document/json";
import type { Message } from "../contract/contract";
import { keyword, propertiesOf, requiredOf, typesOf } from "../contract/schemaFacts";
import { randomUuid } from "./uuid";

const DEEPEST = 6;
/** Values of a sample: a draft that somebody can still read. */
const LARGEST = 1_000;
/** Characters of an example that becomes a draft. */
const LONGEST_DRAFT = 200_000;

const FORMATS: Record<string, () => string> = {
  date: () => new Date().toISOString().slice(0, 10),
  "date-time": () => `${new Date().toISOString().slice(0, 19)}Z`,
  time: () => `${new Date().toISOString().slice(11, 19)}Z`,
  duration: () => "PT5M",
  email: () => "name@example.com",
  uuid: () => randomUuid(),
  uri: () => "https://example.com/",
  hostname: () => "example.com",
  ipv4: () => "192.0.2.1",
  ipv6: () => "2001:db8::1",
};

function string(schema: unknown): string {
  const format = keyword(schema, "format");
  const make = typeof format === "string" && Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (make !== undefined) return make();
  const least = lengthOf(schema, "minLength") ?? 0;
  const most = lengthOf(schema, "maxLength") ?? Infinity;
  const text = typeof keyword(schema, "pattern") === "string" ? "" : "text";
  return text.padEnd(Math.min(least, 1_000), "x").slice(0, most);
}

/** What a document gives as a number may be anything. */
function lengthOf(schema: unknown, name: string): number | undefined {
  const value = keyword(schema, name);
  return typeof value === "number" && value >= 0 ? value : undefined;
}

function number(schema: unknown, isInteger: boolean): number {
  const bound = (name: string): number | undefined => {
    const value = keyword(schema, name);
    return typeof value === "number" ? value : undefined;
  };
  const step = bound("multipleOf") ?? (isInteger ? 1 : 0);
  const above = bound("exclusiveMinimum");
  const below = bound("exclusiveMaximum");
  let value = bound("minimum") ?? (above !== undefined ? above + (step || 1) : undefined) ?? 0;
  const most = bound("maximum") ?? (below !== undefined ? below - (step || 1) : undefined);
  if (most !== undefined && value > most) value = most;
  return isInteger ? Math.ceil(value) : value;
}

/** The alternatives of a union, null aside. */
export function alternativesOf(schema: unknown): unknown[] {
  const union = keyword(schema, "oneOf") ?? keyword(schema, "anyOf");
  return Array.isArray(union) ? union.filter((each) => member(each, "type") !== "null") : [];
}

function given(schema: unknown): { value: unknown } | undefined {
  for (const name of ["const", "default"]) {
    const value = keyword(schema, name);
    if (value !== undefined) return { value };
  }
  for (const name of ["examples", "enum"]) {
    const list = keyword(schema, name);
    if (Array.isArray(list) && list.length > 0) return { value: list[0] as unknown };
  }
  const example = keyword(schema, "example");
  return example === undefined ? undefined : { value: example };
}

function object(schema: unknown, depth: number, budget: Budget): unknown {
  const result = {};
  const required = requiredOf(schema);
  for (const [name, property] of propertiesOf(schema)) {
    if (budget.isSpent) break;
    if (required.has(name)) setMember(result, name, sample(property, depth + 1, budget));
  }
  return result;
}

/** Where the budget is spent, what is missing is left out, and what cannot be is null. */
export function sample(schema: unknown, depth = 0, budget = new Budget(LARGEST)): unknown {
  if (!isObject(schema) || !budget.take()) return null;
  const known = given(schema);
  if (known !== undefined) return known.value;
  const type = typesOf(schema).find((each) => each !== "null");
  if (type === undefined || depth > DEEPEST) {
    const [first] = alternativesOf(schema);
    return first === undefined || depth > DEEPEST ? null : sample(first, depth + 1, budget);
  }
  switch (type) {
    case "string":
      return string(schema);
    case "integer":
    case "number":
      return number(schema, type === "integer");
    case "boolean":
      return false;
    case "array": {
      const items: unknown[] = [];
      const least = Math.min(lengthOf(schema, "minItems") ?? 0, 5);
      while (items.length < least && !budget.isSpent) items.push(sample(keyword(schema, "items"), depth + 1, budget));
      return items;
    }
    case "object":
      return { ...merged(schema, depth, budget), ...(object(schema, depth, budget) as object) };
    default:
      return null;
  }
}

/** An object's union adds to its properties. */
function merged(schema: unknown, depth: number, budget: Budget): object {
  const [first] = alternativesOf(schema);
  const value = first === undefined ? undefined : sample(first, depth + 1, budget);
  return isObject(value) ? value : {};
}

export interface Draft {
  text: string;
  /** What is not in it, in words; empty where nothing is missing. */
  note: string;
}

const CUT = "This example is cut: a whole one is too large to be made.";
const GENERATED = "That example is too large to be edited here; this one was generated.";

/** What a draft of this message begins as: one of its examples, or a generated one. */
export function draftFor(message: Message, example?: number): Draft {
  const given = example === undefined ? undefined : message.examples[example];
  const budget = new Budget(LARGEST);
  const value = given === undefined ? sample(message.payload, 0, budget) : given.payload;
  if (message.isText && typeof value === "string" && value.length <= LONGEST_DRAFT) return { text: value, note: "" };
  const { text, cut } = printed(value, LONGEST_DRAFT);
  if (cut === "") return { text, note: budget.isSpent ? CUT : "" };
  // A constant or a default can be as large as the document.
  return given === undefined ? { text: "null", note: CUT } : { ...draftFor(message), note: GENERATED };
}

export function sampleText(message: Message, example?: number): string {
  return draftFor(message, example).text;
}
