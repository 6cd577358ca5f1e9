/**
 * Applies operation and message traits as AsyncAPI 3 says (Traits Merge Mechanism): JSON Merge Patch (RFC 7396), in
 * order, and the object's own members win.
 */
import { Budget, DEEPEST } from "./budget";
import { isObject, member, objectsIn, setMember, type JsonObject } from "./json";

type Merged = Map<object, Map<unknown, unknown>>;

/** Two trees of shared parts meet in as many pairs as the product of their sizes. */
const STEPS = 500_000;

function merge(target: unknown, patch: unknown, merged: Merged, budget: Budget, depth = 0): unknown {
  // What only one side has is kept as it is: the same definition stays the same object, cycles included.
  if (target === undefined || target === patch || !isObject(patch)) return patch;
  const known = merged.get(patch)?.get(target);
  if (known !== undefined) return known;
  // What was said last stays, whatever merging would cost.
  if (depth > DEEPEST || !budget.take(1 + (isObject(target) ? Object.keys(target).length : 0))) return patch;
  const result: JsonObject = isObject(target) ? { ...target } : {};
  const forPatch = merged.get(patch) ?? new Map<unknown, unknown>();
  merged.set(patch, forPatch.set(target, result));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else setMember(result, key, merge(member(result, key), value, merged, budget, depth + 1));
  }
  return result;
}

export function mergePatch(target: unknown, patch: unknown, budget = new Budget(STEPS)): unknown {
  return merge(target, patch, new Map(), budget);
}

function apply(object: JsonObject, budget: Budget): void {
  const traits = member(object, "traits");
  if (!Array.isArray(traits)) return;
  const own = { ...object };
  for (const key of Object.keys(object)) delete object[key];
  for (const layer of [...(traits as unknown[]), own]) {
    if (!isObject(layer)) continue;
    for (const [key, value] of Object.entries(layer)) {
      setMember(object, key, mergePatch(member(object, key), value, budget));
    }
  }
}

/** Changes the document, whose references must be resolved. False where its traits were too much to merge. */
export function applyTraits(document: JsonObject, steps = STEPS): boolean {
  const components = member(document, "components");
  const operations = [...objectsIn(document, "operations"), ...objectsIn(components, "operations")];
  const channels = [...objectsIn(document, "channels"), ...objectsIn(components, "channels")];
  const messages = [...channels.flatMap(([, channel]) => objectsIn(channel, "messages")), ...objectsIn(components, "messages")];
  const objects = new Set([...operations, ...messages].map(([, object]) => object));
  const budget = new Budget(steps);
  objects.forEach((object) => apply(object, budget));
  return !budget.isSpent;
}
