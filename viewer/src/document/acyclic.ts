/**
 * Takes the cycles out of bindings and extensions. The component shows those by turning every value inside them into a
 * schema, with no end where a value contains itself. Messages' schemas keep their cycles: there it knows them.
 */
import { isObject, member, objectsIn, type JsonObject } from "./json";

const AGAIN = "(contains itself)";
const TOO_MUCH = "…";
const LIMIT = 5_000;

/** A copy in which a value inside itself is a few words instead. A copy that would grow without bound is cut. */
export function acyclic(value: unknown): unknown {
  let room = LIMIT;
  const copy = (item: unknown, around: ReadonlySet<object>): unknown => {
    if (typeof item !== "object" || item === null) return item;
    if (around.has(item)) return AGAIN;
    if (room-- <= 0) return TOO_MUCH;
    const inside = new Set(around).add(item);
    if (Array.isArray(item)) return item.map((part) => copy(part, inside));
    return Object.fromEntries(Object.entries(item).map(([key, part]) => [key, copy(part, inside)]));
  };
  return copy(value, new Set());
}

function clean(object: unknown): void {
  if (!isObject(object)) return;
  for (const [key, value] of Object.entries(object)) {
    if (key === "bindings" || (key.startsWith("x-") && !key.startsWith("x-parser-"))) object[key] = acyclic(value);
  }
}

/** Changes the document, whose references must be resolved. */
export function cutCycles(document: JsonObject): void {
  const components = member(document, "components");
  const objects: unknown[] = [document, member(document, "info")];
  for (const owner of [document, components]) {
    for (const kind of ["servers", "channels", "operations", "messages"]) {
      for (const [, object] of objectsIn(owner, kind)) {
        objects.push(object, member(object, "reply"), ...objectsIn(object, "messages").map(([, message]) => message));
      }
    }
  }
  new Set(objects).forEach(clean);
}
