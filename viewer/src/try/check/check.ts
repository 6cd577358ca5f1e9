/** Checks a value against a message's payload, without compiling code, and says what is wrong and where. */
import { Validator, type OutputUnit } from "@cfworker/json-schema";

import type { Message } from "../contract/contract";
import { bundle, CannotCheck, draftOf } from "./bundle";
import { reasonOf } from "./reasons";

export interface Mistake {
  /** A JSON Pointer into the value; empty for the value itself. */
  path: string;
  reason: string;
}

type Check = { validator: Validator } | { obstacle: string } | "anything";

const checks = new WeakMap<object, Check>();

function checkOf(message: Message): Check {
  const { payload } = message;
  if (typeof payload !== "object" || payload === null) return payload === false ? { validator: new Validator(false) } : "anything";
  const known = checks.get(payload);
  if (known !== undefined) return known;
  let check: Check;
  try {
    check = { validator: new Validator(bundle(payload), draftOf(payload), false) };
  } catch (error) {
    check = { obstacle: error instanceof CannotCheck ? error.message : "its schema is not a valid JSON Schema" };
  }
  checks.set(payload, check);
  return check;
}

/** Why values of this message cannot be checked; empty where they can. */
export function obstacleOf(message: Message): string {
  const check = checkOf(message);
  return check !== "anything" && "obstacle" in check ? check.obstacle : "";
}

/** What is wrong with the value; nothing where it is right, or where nothing can be said. */
export function mistakesOf(message: Message, value: unknown): Mistake[] {
  const check = checkOf(message);
  if (check === "anything" || "obstacle" in check) return [];
  try {
    const { valid, errors } = check.validator.validate(value);
    return valid ? [] : explained(errors);
  } catch {
    return [{ path: "", reason: "is nested too deeply to be checked" }];
  }
}

const UNIONS = new Set(["anyOf", "oneOf"]);
const SHOWN = 50;

function inside(outer: OutputUnit, inner: OutputUnit): boolean {
  return inner !== outer && inner.keywordLocation.startsWith(`${outer.keywordLocation}/`) && inner.instanceLocation.startsWith(outer.instanceLocation);
}

/** The alternative that the value was probably meant to be: the one with the fewest mistakes; never plain null. */
function meant(union: OutputUnit, nested: OutputUnit[]): OutputUnit[] {
  const branches = new Map<string, OutputUnit[]>();
  for (const error of nested) {
    const branch = error.keywordLocation.slice(union.keywordLocation.length + 1).split("/")[0] ?? "";
    branches.set(branch, [...(branches.get(branch) ?? []), error]);
  }
  const real = [...branches.values()].filter((errors) => !errors.some((error) => error.keyword === "type" && error.error.endsWith('Expected "null".')));
  const score = (errors: OutputUnit[]): number =>
    errors.length + (errors.some((error) => error.keyword === "type" && error.instanceLocation === union.instanceLocation) ? 100 : 0);
  return real.sort((a, b) => score(a) - score(b))[0] ?? [];
}

/** Errors as the validator gives them, without those that only say that something inside is wrong. */
export function explained(errors: OutputUnit[]): Mistake[] {
  let kept = errors.slice(0, 2_000);
  for (const union of kept.filter(({ keyword }) => UNIONS.has(keyword))) {
    if (!kept.includes(union)) continue;
    const nested = kept.filter((error) => inside(union, error));
    if (nested.length === 0) continue;
    const chosen = new Set(meant(union, nested));
    kept = kept.filter((error) => !nested.includes(error) || chosen.has(error));
  }
  const leaves = kept.filter((error) => !kept.some((other) => inside(error, other)));
  const unique = new Map<string, Mistake>();
  for (const leaf of leaves) {
    const mistake = { path: pathOf(leaf.instanceLocation), reason: reasonOf(leaf) };
    unique.set(`${mistake.path} ${mistake.reason}`, mistake);
  }
  return [...unique.values()].slice(0, SHOWN);
}

function pathOf(location: string): string {
  const pointer = location.replace(/^#/, "");
  try {
    return decodeURI(pointer);
  } catch {
    return pointer;
  }
}
