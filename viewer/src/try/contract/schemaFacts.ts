/** Small facts about JSON Schemas whose references are objects. Nothing here recurses without a bound. */
import { isObject, member, objectsIn, type JsonObject } from "../../document/json";

export function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** Whether a value can stand in an address. */
export function describes(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

const MOST_PARTS = 64;

/** What is read of a schema stays true: nobody changes one. A schema that thousands of places name is read once. */
function once<Result>(read: (schema: unknown) => Result): (schema: unknown) => Result {
  const known = new WeakMap<object, Result>();
  return (schema) => {
    if (!isObject(schema)) return read(schema);
    const made = known.get(schema) ?? read(schema);
    known.set(schema, made);
    return made;
  };
}

/** A schema and the parts that `allOf` adds to it, nested ones included. */
export const partsOf = once((schema): readonly JsonObject[] => {
  const parts = new Set<JsonObject>();
  const pending: unknown[] = [schema];
  for (let at = 0; at < pending.length && parts.size < MOST_PARTS; at++) {
    const part = pending[at];
    if (!isObject(part) || parts.has(part)) continue;
    parts.add(part);
    const all = member(part, "allOf");
    if (Array.isArray(all)) for (const each of all.slice(0, MOST_PARTS)) pending.push(each);
  }
  return [...parts];
});

/** All properties of an object schema, by name. */
export const propertiesOf = once((schema): ReadonlyMap<string, unknown> => {
  const properties = new Map<string, unknown>();
  for (const part of partsOf(schema)) {
    const own = member(part, "properties");
    if (!isObject(own)) continue;
    for (const [name, property] of Object.entries(own)) if (!properties.has(name)) properties.set(name, property);
  }
  return properties;
});

export const requiredOf = once((schema): ReadonlySet<string> => {
  const lists = partsOf(schema).map((part) => member(part, "required"));
  return new Set(lists.flatMap((list) => (Array.isArray(list) ? list.filter((name) => typeof name === "string") : [])));
});

/** The types that a schema names, in its own order; none where it names none. */
export function typesOf(schema: unknown): string[] {
  for (const part of partsOf(schema)) {
    const type = member(part, "type");
    if (typeof type === "string") return [type];
    if (Array.isArray(type)) return type.filter((each): each is string => typeof each === "string");
  }
  return partsOf(schema).some((part) => objectsIn(part, "properties").length > 0) ? ["object"] : [];
}

/** The value of a keyword, from the schema or from what `allOf` adds. */
export function keyword(schema: unknown, name: string): unknown {
  for (const part of partsOf(schema)) {
    const value = member(part, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

const FEW = 16;

/** The fixed values of an object's own members. */
export const constantsOf = once((schema): ReadonlyMap<string, unknown[]> => {
  const constants = new Map<string, unknown[]>();
  const required = requiredOf(schema);
  for (const [name, property] of propertiesOf(schema)) {
    if (!isObject(property)) continue;
    const constant = keyword(property, "const");
    const choices = keyword(property, "enum");
    // A choice tells messages apart only where it is their kind, which is one, and demanded.
    if (constant !== undefined) constants.set(name, [constant]);
    else if (Array.isArray(choices) && choices.length === 1 && required.has(name)) constants.set(name, choices.slice(0, FEW));
  }
  return constants;
});
