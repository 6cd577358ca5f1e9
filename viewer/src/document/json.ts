/** The shapes of plain data, and JSON Pointer (RFC 6901). */

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object's own member, never one it inherits. */
export function member(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return /^(0|[1-9]\d*)$/.test(key) ? (value as unknown[])[Number(key)] : undefined;
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Sets an own member, also where the key is `__proto__`. */
export function setMember(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/** The objects that a member of `value` names, as [key, object] pairs. */
export function objectsIn(value: unknown, key: string): [string, JsonObject][] {
  const map = member(value, key);
  if (!isObject(map)) return [];
  return Object.entries(map).filter((pair): pair is [string, JsonObject] => isObject(pair[1]));
}

/** `#/a/b~1c` or `/a/b~1c` → `["a", "b/c"]`. */
export function pointerSteps(pointer: string): string[] {
  const path = pointer.replace(/^#/, "");
  if (path === "") return [];
  return path
    .slice(1)
    .split("/")
    .map((step) => decode(step).replaceAll("~1", "/").replaceAll("~0", "~"));
}

export function pointerOf(steps: readonly string[]): string {
  return "#" + steps.map((step) => `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function decode(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
