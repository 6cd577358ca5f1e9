/**
 * A schema whose references are objects, cycles included → one self-contained JSON Schema with `$defs`, of the keywords
 * that checking needs and nothing else. What a hostile schema could use to stall the page is left out.
 */
import { isObject, setMember, type JsonObject } from "../../document/json";
import { isSafePattern } from "./patterns";

const ONE = new Set(
  "additionalItems additionalProperties contains else if items not propertyNames then unevaluatedItems unevaluatedProperties".split(" "),
);
const LIST = new Set("allOf anyOf items oneOf prefixItems".split(" "));
const MAP = new Set("dependencies dependentSchemas patternProperties properties".split(" "));
const PLAIN = new Set(
  (
    "const dependentRequired enum exclusiveMaximum exclusiveMinimum format maxContains maxItems maxLength maxProperties " +
    "maximum minContains minItems minLength minProperties minimum multipleOf pattern required type uniqueItems"
  ).split(" "),
);
/** Keywords that look at the same value again. */
const IN_PLACE = ["allOf", "anyOf", "oneOf", "not", "if", "then", "else"];
const MOST_SCHEMAS = 20_000;
const MOST_VISITS = 5_000;

export class CannotCheck extends Error {}

/** How often checking one value visits schemas without going deeper into it. */
function visits(schema: unknown, known: Map<object, number>): number {
  if (!isObject(schema)) return 1;
  const counted = known.get(schema);
  if (counted !== undefined) return counted;
  known.set(schema, Infinity);
  let sum = 1;
  for (const key of IN_PLACE) {
    const value = schema[key];
    for (const each of Array.isArray(value) ? value : [value]) sum += visits(each, known);
  }
  known.set(schema, sum);
  return sum;
}

class Bundler {
  private readonly names = new Map<object, string>();
  private readonly definitions: JsonObject = {};
  private readonly pending: [string, JsonObject][] = [];

  bundle(schema: unknown): JsonObject {
    const root = this.reference(schema);
    for (let next = this.pending.pop(); next !== undefined; next = this.pending.pop()) {
      setMember(this.definitions, next[0], this.copy(next[1]));
    }
    return { $defs: this.definitions, allOf: [root] };
  }

  private reference(schema: unknown): unknown {
    if (typeof schema === "boolean") return schema;
    if (!isObject(schema)) return true;
    let name = this.names.get(schema);
    if (name === undefined) {
      if (this.names.size >= MOST_SCHEMAS) throw new CannotCheck("its schema is too large");
      name = String(this.names.size);
      this.names.set(schema, name);
      this.pending.push([name, schema]);
    }
    return { $ref: `#/$defs/${name}` };
  }

  private copy(schema: JsonObject): JsonObject {
    const result: JsonObject = {};
    for (const [key, value] of Object.entries(schema)) {
      const made = this.keyword(key, value);
      if (made !== undefined) result[key] = made;
    }
    return result;
  }

  private keyword(key: string, value: unknown): unknown {
    if (key === "pattern") return typeof value === "string" && isSafePattern(value) ? value : undefined;
    if (PLAIN.has(key)) return value;
    if (LIST.has(key) && Array.isArray(value)) return value.map((each) => this.reference(each));
    if (ONE.has(key) && !Array.isArray(value)) return this.reference(value);
    if (!MAP.has(key) || !isObject(value)) return undefined;
    const map: JsonObject = {};
    for (const [name, each] of Object.entries(value)) {
      if (key === "patternProperties" && !isSafePattern(name)) continue;
      setMember(map, name, Array.isArray(each) ? each : this.reference(each));
    }
    return map;
  }
}

/** Throws CannotCheck for a schema that has no end, or is too large to be checked in a moment. */
export function bundle(schema: unknown): JsonObject {
  const bundled = new Bundler().bundle(schema);
  const known = new Map<object, number>();
  const seen = new Set<object>();
  const pending: unknown[] = [schema];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    if (!Array.isArray(next) && visits(next, known) > MOST_VISITS) throw new CannotCheck("its schema has no end");
    pending.push(...(Object.values(next) as unknown[]));
  }
  return bundled;
}

/** The draft of JSON Schema to read it as: AsyncAPI's own is a superset of draft 7. */
export function draftOf(schema: unknown): "7" | "2020-12" {
  const seen = new Set<object>();
  const pending: unknown[] = [schema];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    if (["prefixItems", "unevaluatedProperties", "dependentSchemas", "dependentRequired"].some((key) => Object.hasOwn(next, key))) return "2020-12";
    pending.push(...(Object.values(next) as unknown[]));
  }
  return "7";
}
