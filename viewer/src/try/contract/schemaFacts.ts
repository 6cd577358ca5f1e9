/** Small facts about JSON Schemas whose references are objects. Nothing here recurses without a bound. */
import { isObject, member, objectsIn, type JsonObject } from "../../document/json";

export function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** Whether a value can stand in an address. */
export function describes(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

/** A schema and the parts that `allOf` adds to it, nested ones included. */
export function partsOf(schema: unknown): JsonObject[] {
  const parts = new Set<JsonObject>();
  const pending: unknown[] = [schema];
  while (pending.length > 0 && parts.size < 64) {
    const part = pending.shift();
    if (!isObject(part) || parts.has(part)) continue;
    parts.add(part);
    const all = member(part, "allOf");
    if (Array.isArray(all)) pending.push(...(all as unknown[]));
  }
  return [...parts];
}

/** All properties of an object schema, by name. */
export function propertiesOf(schema: unknown): Map<string, unknown> {
  const properties = new Map<string, unknown>();
  for (const part of partsOf(schema)) {
    const own = member(part, "properties");
    if (!isObject(own)) continue;
    for (const [name, property] of Object.entries(own)) if (!properties.has(name)) properties.set(name, property);
  }
  return properties;
}

export function requiredOf(schema: unknown): Set<string> {
  const lists = partsOf(schema).map((part) => member(part, "required"));
  return new Set(lists.flatMap((list) => (Array.isArray(list) ? list.filter((name) => typeof name === "string") : [])));
}

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
export function constantsOf(schema: unknown): Map<string, unknown[]> {
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
}
