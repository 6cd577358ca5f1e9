/**
 * Applies operation and message traits as AsyncAPI 3 says (Traits Merge Mechanism): JSON Merge Patch (RFC 7396), in
 * order, and the object's own members win.
 */
import { isObject, member, objectsIn, setMember, type JsonObject } from "./json";

type Merged = Map<object, Map<unknown, unknown>>;

function merge(target: unknown, patch: unknown, merged: Merged): unknown {
  // What only one side has is kept as it is: the same definition stays the same object, cycles included.
  if (target === undefined || target === patch || !isObject(patch)) return patch;
  const known = merged.get(patch)?.get(target);
  if (known !== undefined) return known;
  const result: JsonObject = isObject(target) ? { ...target } : {};
  const forPatch = merged.get(patch) ?? new Map<unknown, unknown>();
  merged.set(patch, forPatch.set(target, result));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else setMember(result, key, merge(member(result, key), value, merged));
  }
  return result;
}

export function mergePatch(target: unknown, patch: unknown): unknown {
  return merge(target, patch, new Map());
}

function apply(object: JsonObject): void {
  const traits = member(object, "traits");
  if (!Array.isArray(traits)) return;
  const own = { ...object };
  for (const key of Object.keys(object)) delete object[key];
  for (const layer of [...(traits as unknown[]), own]) {
    if (!isObject(layer)) continue;
    for (const [key, value] of Object.entries(layer)) {
      setMember(object, key, mergePatch(member(object, key), value));
    }
  }
}

/** Changes the document, whose references must be resolved. */
export function applyTraits(document: JsonObject): void {
  const components = member(document, "components");
  const operations = [...objectsIn(document, "operations"), ...objectsIn(components, "operations")];
  const channels = [...objectsIn(document, "channels"), ...objectsIn(components, "channels")];
  const messages = [...channels.flatMap(([, channel]) => objectsIn(channel, "messages")), ...objectsIn(components, "messages")];
  const objects = new Set([...operations, ...messages].map(([, object]) => object));
  objects.forEach(apply);
}
