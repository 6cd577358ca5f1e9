/**
 * Takes the cycles out of bindings and extensions. The component shows those by turning every value inside them into a
 * schema, with no end where a value contains itself. Messages' schemas keep their cycles: there it knows them.
 */
import { Budget } from "./budget";
import { isObject, member, objectsIn, setMember, type JsonObject } from "./json";

const AGAIN = "(contains itself)";
const TOO_MUCH = "… (too much to show)";
const EACH = 2_000;
const ALL = 100_000;
/** The component shows an extension level by level, and recurses for it. */
const LEVELS = 64;

/** A copy in which a value inside itself is a few words instead. A copy that would grow without bound is cut. */
export function acyclic(value: unknown, all = new Budget(ALL)): unknown {
  const budget = new Budget(EACH);
  const around = new Set<object>();
  const copy = (item: unknown): unknown => {
    if (typeof item !== "object" || item === null) return item;
    if (around.has(item)) return AGAIN;
    if (around.size >= LEVELS || !budget.take() || !all.take()) return TOO_MUCH;
    around.add(item);
    const result = Array.isArray(item) ? list(item) : object(item);
    around.delete(item);
    return result;
  };
  const list = (items: unknown[]): unknown[] => {
    const result: unknown[] = [];
    for (const item of items) {
      result.push(budget.take() && all.take() ? copy(item) : TOO_MUCH);
      if (budget.isSpent || all.isSpent) break;
    }
    return result;
  };
  const object = (item: object): object => {
    const result = {};
    for (const [key, part] of Object.entries(item)) {
      setMember(result, key, budget.take() && all.take() ? copy(part) : TOO_MUCH);
      if (budget.isSpent || all.isSpent) break;
    }
    return result;
  };
  return copy(value);
}

function clean(object: unknown, all: Budget): void {
  if (!isObject(object)) return;
  for (const [key, value] of Object.entries(object)) {
    if (key === "bindings" || (key.startsWith("x-") && !key.startsWith("x-parser-"))) object[key] = acyclic(value, all);
  }
}

/** Changes the document, whose references must be resolved. False where its extensions are too much to show all. */
export function cutCycles(document: JsonObject): boolean {
  const components = member(document, "components");
  const objects: unknown[] = [document, member(document, "info")];
  for (const owner of [document, components]) {
    for (const kind of ["servers", "channels", "operations", "messages"]) {
      for (const [, object] of objectsIn(owner, kind)) {
        objects.push(object, member(object, "reply"), ...objectsIn(object, "messages").map(([, message]) => message));
      }
    }
  }
  const all = new Budget(ALL);
  new Set(objects).forEach((object) => clean(object, all));
  return !all.isSpent;
}
