/** Which kind of form field a schema asks for. */
import { isObject, member } from "../../document/json";
import { keyword, propertiesOf, typesOf } from "../contract/schemaFacts";
import { Budget, shortened } from "../../document/budget";
import { checked } from "../check/check";
import { STEPS } from "../check/validate";

export type Kind = "constant" | "choice" | "boolean" | "number" | "string" | "object" | "array" | "union" | "json";

export interface Field {
  kind: Kind;
  /** The schema without its null alternative. */
  schema: unknown;
  isNullable: boolean;
  /** Union only. */
  alternatives: unknown[];
  /** Choice only. */
  choices: unknown[];
}

const NONE = { alternatives: [], choices: [] };
const KINDS: Record<string, Kind> = { boolean: "boolean", integer: "number", number: "number", string: "string", object: "object", array: "array" };

function unionOf(schema: unknown): unknown[] | undefined {
  const union = keyword(schema, "oneOf") ?? keyword(schema, "anyOf");
  return Array.isArray(union) && union.length > 0 ? (union as unknown[]) : undefined;
}

const isNull = (schema: unknown): boolean => member(schema, "type") === "null" || member(schema, "const") === null;

export function fieldOf(schema: unknown): Field {
  if (!isObject(schema)) return { kind: "json", schema, isNullable: false, ...NONE };
  if (keyword(schema, "const") !== undefined) return { kind: "constant", schema, isNullable: false, ...NONE };
  const types = typesOf(schema);
  const choices = keyword(schema, "enum");
  if (Array.isArray(choices)) {
    const isNullable = choices.includes(null);
    return { kind: "choice", schema, isNullable, alternatives: [], choices: choices.filter((each) => each !== null) };
  }
  const union = unionOf(schema);
  if (union !== undefined && propertiesOf(schema).size === 0) {
    const real = union.filter((each) => !isNull(each));
    const isNullable = real.length < union.length;
    const [only] = real;
    if (real.length === 1 && only !== schema) {
      const field = fieldOf(only);
      return { ...field, isNullable: isNullable || field.isNullable };
    }
    return { kind: "union", schema, isNullable, alternatives: real, choices: [] };
  }
  const real = types.filter((type) => type !== "null");
  const isNullable = real.length < types.length || member(schema, "nullable") === true;
  if (types.length > 0 && real.length === 0) return { kind: "choice", schema, isNullable: false, alternatives: [], choices: [null] };
  if (real.length > 1) {
    const alternatives = real.map((type) => ({ ...schema, type }));
    return { kind: "union", schema, isNullable, alternatives, choices: [] };
  }
  return { kind: (real[0] !== undefined ? KINDS[real[0]] : undefined) ?? "json", schema, isNullable, ...NONE };
}

/** How many choices and alternatives a form lists. */
export const MOST_LISTED = 300;

/** A name for the reader. */
export function titleOf(schema: unknown, index = 0): string {
  const title = member(schema, "title") ?? member(schema, "x-parser-schema-id");
  if (typeof title === "string" && title !== "" && !title.startsWith("<anonymous")) return shortened(title, 100);
  const constant = [...propertiesOf(schema).values()].map((property) => keyword(property, "const")).find((value) => typeof value === "string");
  if (typeof constant === "string") return shortened(constant, 100);
  return typesOf(schema)[0] ?? `Alternative ${index + 1}`;
}

/** Which alternative a value is: the one with the fewest mistakes. */
export function alternativeOf(alternatives: readonly unknown[], value: unknown, budget = new Budget(STEPS)): number {
  let [best, fewest] = [0, Infinity];
  for (const [index, payload] of alternatives.entries()) {
    if (budget.isSpent || fewest === 0) break;
    const { mistakes, obstacle } = checked({ payload }, value, budget);
    const count = mistakes.length + (mistakes.some(({ path }) => path === "") || obstacle !== "" ? 100 : 0);
    if (count < fewest) [best, fewest] = [index, count];
  }
  return best;
}
