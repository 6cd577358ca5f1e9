/**
 * Generates the example that a document does not give. `openapi-sampler` does it, with no bound; it is given a copy of the
 * schema that is within bounds: a tree, in which what is repeated counts as often as it is.
 */
import { sample as unbounded } from "openapi-sampler/src/openapi-sampler.js";

import { Budget } from "../document/budget";
import { isObject, setMember, type JsonObject } from "../document/json";

const DEEPEST = 10;
/** Schemas of an example: as many as anybody reads. */
const LARGEST = 2_000;
const FEWEST_ITEMS = 5;
const LONGEST_TEXT = 200;

/** Schemas one level deeper. */
const INSIDE = ["items", "contains", "additionalProperties"];
/** Schemas of the same value. */
const BESIDE = ["if", "then"];
const LISTS = ["allOf", "oneOf", "anyOf"];
const NUMBERS = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "maxItems", "maxLength", "maxProperties"];
/** What the sampler looks at beside. */
const PLAIN = ["type", "const", "default", "enum", "example", "examples", "format", "required", "readOnly", "writeOnly"];

/** An alternative looks at the same value again, and again: it has an end. */
const DEEPEST_BESIDE = 30;

function typeOf(schema: JsonObject): unknown {
  return schema["type"] ?? (isObject(schema["properties"]) ? "object" : undefined);
}

class Bounded {
  isCut = false;
  /** The types that a type stands in: within itself it is not made again. */
  private readonly around = new Set<object>();

  constructor(
    private readonly budget: Budget,
    private readonly deepest: number,
  ) {}

  /** `times`: how often the sampler makes it. */
  copy(schema: unknown, depth: number, beside: number, times: number): unknown {
    if (!isObject(schema)) return schema;
    this.budget.spend(times);
    if (this.around.has(schema)) return { type: typeOf(schema) };
    if (depth > 1) this.around.add(schema);
    const result = this.made(schema, depth, beside, times);
    this.around.delete(schema);
    return result;
  }

  private made(schema: JsonObject, depth: number, beside: number, times: number): JsonObject {
    if (depth > this.deepest || beside > DEEPEST_BESIDE) {
      this.isCut = true;
      return { type: typeOf(schema) };
    }
    const result: JsonObject = {};
    for (const key of PLAIN) if (schema[key] !== undefined) result[key] = schema[key];
    for (const key of NUMBERS) if (typeof schema[key] === "number") result[key] = schema[key];
    if (result["required"] !== undefined && !Array.isArray(result["required"])) delete result["required"];
    if (this.isGiven(schema)) return result;
    const items = this.least(schema["minItems"], FEWEST_ITEMS);
    const length = this.least(schema["minLength"], LONGEST_TEXT);
    if (items !== undefined) result["minItems"] = items;
    if (length !== undefined) result["minLength"] = length;
    // An array's items are made that often, additional properties twice.
    for (const key of INSIDE) result[key] = this.inside(schema[key], depth, times * (key === "additionalProperties" ? 2 : Math.max(1, items ?? 1)));
    const { prefixItems, properties } = schema;
    if (Array.isArray(prefixItems)) result["prefixItems"] = this.inside(prefixItems, depth, times);
    if (isObject(properties)) {
      const copies = {};
      for (const [name, property] of Object.entries(properties)) setMember(copies, name, this.copy(property, depth + 1, 0, times));
      result["properties"] = copies;
    }
    for (const key of BESIDE) if (schema[key] !== undefined) result[key] = this.copy(schema[key], depth, beside + 1, times);
    for (const key of LISTS) {
      const list = schema[key];
      if (!Array.isArray(list)) continue;
      // Of alternatives the first is taken.
      const taken: unknown[] = key === "allOf" ? list : list.slice(0, 1);
      result[key] = taken.map((each) => this.copy(each, depth, beside + 1, times));
    }
    for (const key of Object.keys(result)) if (result[key] === undefined) delete result[key];
    return result;
  }

  private inside(schema: unknown, depth: number, times: number): unknown {
    return Array.isArray(schema) ? schema.map((each) => this.copy(each, depth + 1, 0, times)) : this.copy(schema, depth + 1, 0, times);
  }

  /** Whether the schema gives its value. */
  private isGiven(schema: JsonObject): boolean {
    const { examples, enum: choices } = schema;
    const isThere = (list: unknown): boolean => Array.isArray(list) && list.length > 0;
    return ["const", "default", "example"].some((key) => schema[key] !== undefined) || isThere(examples) || isThere(choices);
  }

  private least(value: unknown, most: number): number | undefined {
    if (typeof value !== "number") return undefined;
    if (value > most) this.isCut = true;
    return Math.min(value, most);
  }
}

export interface Sample {
  value: unknown;
  /** Whether there would be more of it. */
  isCut: boolean;
}

/** The deepest sample that stays within bounds; undefined where there is none, or not within them. */
export function boundedSample(schema: object, largest = LARGEST): Sample | undefined {
  let best: { copy: unknown; isCut: boolean; depth: number } | undefined;
  for (let depth = 1; depth <= DEEPEST; depth++) {
    const bounded = new Bounded(new Budget(largest), depth);
    try {
      best = { copy: bounded.copy(schema, 1, 0, 1), isCut: bounded.isCut, depth };
    } catch {
      break; // The budget is spent.
    }
    if (!best.isCut) break;
  }
  if (best === undefined) return undefined;
  try {
    return { value: unbounded(best.copy as object, { maxSampleDepth: best.depth, quiet: true }), isCut: best.isCut };
  } catch {
    return undefined;
  }
}
