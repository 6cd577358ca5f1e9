/** Changes plain data without changing what is there: a copy with one place different. */
import { isObject, member, setMember } from "../../document/json";

export type Path = readonly (string | number)[];

/** No value: the member is left out. */
export const ABSENT = Symbol("absent");

export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inside, step) => member(inside, String(step)), value);
}

function copyOf(value: unknown, step: string | number): object {
  if (Array.isArray(value)) return [...(value as unknown[])];
  const copy = {};
  if (isObject(value)) for (const [key, each] of Object.entries(value)) setMember(copy, key, each);
  else if (typeof step === "number") return [];
  return copy;
}

/** The data with another value at the path, or without one there. */
export function withValue(value: unknown, path: Path, next: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return next === ABSENT ? undefined : next;
  const copy = copyOf(value, step);
  if (rest.length === 0 && next === ABSENT) {
    if (Array.isArray(copy)) copy.splice(Number(step), 1);
    else Reflect.deleteProperty(copy, step);
    return copy;
  }
  setMember(copy, String(step), withValue(member(value, String(step)), rest, next));
  return copy;
}

export function pointer(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
