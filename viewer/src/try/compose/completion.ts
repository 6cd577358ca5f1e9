/** What a schema suggests at a place in a JSON text. */
import { Budget } from "../../document/budget";
import { isObject, member } from "../../document/json";
import { keyword, partsOf, propertiesOf, requiredOf, typesOf } from "../contract/schemaFacts";
import { placeAt } from "./jsonText";
import { sample } from "./sample";
import type { Seen } from "./seen";

export interface Suggestion {
  label: string;
  /** What is written. */
  text: string;
  detail: string;
}

export interface Suggestions {
  from: number;
  options: Suggestion[];
}

const MOST = 64;
const MOST_VALUES = 64;
/** Samples for all names together. */
const STEPS = 2_000;

/** The schemas that a value at this path may have. */
export function schemasAt(schema: unknown, path: readonly string[]): unknown[] {
  let schemas = alternatives([schema]);
  for (const step of path) {
    const next = schemas.flatMap((each) => {
      const property = propertiesOf(each).get(step);
      const other = property ?? (/^\d+$/.test(step) ? keyword(each, "items") : keyword(each, "additionalProperties"));
      return isObject(other) ? [other] : [];
    });
    schemas = alternatives(next);
  }
  return schemas;
}

function alternatives(schemas: unknown[]): unknown[] {
  const all = new Set<unknown>();
  const pending = [...schemas];
  while (pending.length > 0 && all.size < MOST) {
    const schema = pending.shift();
    if (!isObject(schema) || all.has(schema)) continue;
    all.add(schema);
    for (const part of partsOf(schema)) {
      for (const key of ["anyOf", "oneOf"]) {
        const union = member(part, key);
        if (Array.isArray(union)) for (const each of union.slice(0, MOST)) pending.push(each);
      }
    }
  }
  return [...all];
}

function keys(schemas: unknown[], names: readonly string[]): Suggestion[] {
  const found = new Map<string, Suggestion>();
  const written = new Set(names);
  const budget = new Budget(STEPS);
  for (const schema of schemas) {
    const required = requiredOf(schema);
    for (const [name, property] of propertiesOf(schema)) {
      if (budget.isSpent) break;
      if (written.has(name) || found.has(name)) continue;
      const types = typesOf(property).join(" | ");
      const value = JSON.stringify(sample(property, 3, budget)) ?? "null";
      const detail = `${types}${required.has(name) ? ", required" : ""}`;
      found.set(name, { label: JSON.stringify(name), text: `${JSON.stringify(name)}: ${value}`, detail });
    }
  }
  return [...found.values()];
}

function values(schemas: unknown[], seen: readonly string[]): Suggestion[] {
  const found = new Map<string, Suggestion>();
  const add = (value: unknown, detail: string): void => {
    const text = JSON.stringify(value);
    if (text !== undefined && !found.has(text)) found.set(text, { label: text.slice(0, 80), text, detail });
  };
  for (const schema of schemas) {
    const [constant, choices, examples] = [keyword(schema, "const"), keyword(schema, "enum"), keyword(schema, "examples")];
    const types = typesOf(schema);
    if (constant !== undefined) add(constant, "constant");
    if (Array.isArray(choices)) choices.slice(0, MOST_VALUES).forEach((each) => add(each, "choice"));
    if (types.includes("string")) seen.forEach((each) => add(each, "received"));
    if (Array.isArray(examples)) examples.slice(0, MOST_VALUES).forEach((each) => add(each, "example"));
    if (keyword(schema, "default") !== undefined) add(keyword(schema, "default"), "default");
    if (types.includes("boolean")) [true, false].forEach((each) => add(each, "boolean"));
    if (types.includes("null")) add(null, "null");
    if (constant === undefined && !Array.isArray(choices) && types.some((type) => type === "object" || type === "array")) add(sample(schema, 3), types[0] ?? "");
    if (keyword(schema, "format") !== undefined) add(sample(schema), String(keyword(schema, "format")));
  }
  return [...found.values()].slice(0, MOST_VALUES);
}

/** Undefined where nothing is to be said. */
export function suggestionsAt(schema: unknown, text: string, position: number, seen: Seen): Suggestions | undefined {
  const place = placeAt(text, position);
  if (place === undefined) return undefined;
  const schemas = schemasAt(schema, place.path);
  const options = place.isKey ? keys(schemas, place.names) : values(schemas, seen.of(place.path.at(-1) ?? ""));
  return options.length > 0 ? { from: place.from, options } : undefined;
}
