/**
 * Checks a value against a JSON Schema (draft 7, and what 2020-12 adds) whose references are objects, so it may contain
 * itself. It compiles nothing, counts its steps, and says what is wrong in the page's words.
 */
import { format as FORMATS } from "@cfworker/json-schema";

import { Budget, counted, shortened } from "../../document/budget";
import { isObject, type JsonObject } from "../../document/json";
import { patternOf } from "./pattern";

export interface Mistake {
  /** A JSON Pointer into the value; empty for the value itself. */
  path: string;
  reason: string;
}

/** Why a value cannot be checked, in words. */
export class CannotCheck extends Error {}

/** How deep a value may be: each level takes a few of the stack's frames. */
const DEEPEST = 500;
/** How many schemas may look at one value before any looks into it. */
const DEEPEST_IN_PLACE = 100;
/** Texts of a format: their patterns are the page's own, and fast on what people write. */
const LONGEST_FORMATTED = 2_000;
const MOST_MISTAKES = 50;
/** Their patterns are not fast, or not worth it. */
const UNCHECKED = new Set(["url", "regex"]);

interface Path {
  parent: Path | undefined;
  step: string | number;
}

/** What of an object or array a schema has looked at. */
interface Looked {
  members: Set<string>;
  items: number;
}

interface Found {
  mistakes: Mistake[];
  /** Whether a mistake is about the type of the value itself. */
  isType: boolean;
  isNull: boolean;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function article(type: string): string {
  if (type === "null") return "null";
  return `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
}

function said(value: unknown): string {
  try {
    return shortened(JSON.stringify(value) ?? String(value), 120);
  } catch {
    return "that";
  }
}

function characters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Exact, also for steps such as 0.01. */
function isMultiple(value: number, step: number): boolean {
  if (!Number.isFinite(value) || !Number.isFinite(step) || step <= 0) return false;
  const [[a, left], [b, right]] = [decimal(value), decimal(step)];
  const lowest = Math.min(left, right);
  return (a * 10n ** BigInt(left - lowest)) % (b * 10n ** BigInt(right - lowest)) === 0n;
}

function decimal(value: number): [digits: bigint, exponent: number] {
  const [digits = "0", exponent = "0"] = Math.abs(value).toString().split("e");
  const point = digits.indexOf(".");
  return [BigInt(digits.replace(".", "")), Number(exponent) - (point === -1 ? 0 : digits.length - point - 1)];
}

/** The choices of an `enum`, to be looked up instead of compared one by one. */
const choices = new WeakMap<unknown[], Set<unknown>>();

function plainChoices(list: unknown[]): Set<unknown> {
  const made = choices.get(list) ?? new Set(list);
  choices.set(list, made);
  return made;
}

class Checker {
  private found: Found = { mistakes: [], isType: false, isNull: false };

  constructor(private readonly budget: Budget) {}

  check(schema: unknown, value: unknown): Mistake[] {
    this.schema(schema, value, undefined, 0, 0);
    const unique = new Map(this.found.mistakes.map((mistake) => [`${mistake.path} ${mistake.reason}`, mistake]));
    return [...unique.values()];
  }

  private wrong(path: Path | undefined, reason: string): void {
    if (this.found.mistakes.length < MOST_MISTAKES) this.found.mistakes.push({ path: pointer(path), reason });
  }

  /** Checks apart, so that what is wrong there need not be wrong here. */
  private apart(work: () => void): Found {
    const outer = this.found;
    const found: Found = { mistakes: [], isType: false, isNull: false };
    this.found = found;
    work();
    this.found = outer;
    return found;
  }

  private schema(schema: unknown, value: unknown, path: Path | undefined, depth: number, inPlace: number, looked?: Looked): void {
    this.budget.spend();
    if (schema === false) return this.wrong(path, "is not allowed here");
    if (!isObject(schema)) return;
    if (depth > DEEPEST) throw new CannotCheck("it is nested too deeply");
    if (inPlace > DEEPEST_IN_PLACE) throw new CannotCheck("its schema has no end");
    const mine: Looked = looked ?? { members: new Set(), items: 0 };
    this.type(schema, value, path, inPlace);
    this.fixed(schema, value, path);
    this.combined(schema, value, path, depth, inPlace, mine);
    if (typeof value === "string") this.text(schema, value, path);
    else if (typeof value === "number") this.number(schema, value, path);
    else if (Array.isArray(value)) this.list(schema, value, path, depth, mine);
    else if (isObject(value)) this.object(schema, value, path, depth, inPlace, mine);
  }

  private type({ type }: JsonObject, value: unknown, path: Path | undefined, inPlace: number): void {
    const types = Array.isArray(type) ? (type as unknown[]) : [type];
    if (type === undefined || types.some((each) => each === typeOf(value) || (each === "integer" && typeof value === "number" && value % 1 === 0))) return;
    const names = types.filter((each): each is string => typeof each === "string").slice(0, 10);
    this.wrong(path, `is ${article(typeOf(value))}, not ${names.map(article).join(" or ")}`);
    if (inPlace <= 1) this.found.isType = true;
    if (names.length === 1 && names[0] === "null") this.found.isNull = true;
  }

  private fixed(schema: JsonObject, value: unknown, path: Path | undefined): void {
    if (schema["const"] !== undefined && !this.equal(schema["const"], value)) this.wrong(path, `is not ${said(schema["const"])}`);
    const list = schema["enum"];
    if (!Array.isArray(list)) return;
    const isThere = typeof value === "object" && value !== null ? list.some((each) => this.equal(each, value)) : plainChoices(list).has(value);
    if (!isThere) this.wrong(path, `is none of ${said(list.slice(0, 50))}`);
  }

  private equal(left: unknown, right: unknown, depth = 0): boolean {
    this.budget.spend();
    if (typeof left !== "object" || left === null || typeof right !== "object" || right === null) return left === right;
    if (depth > DEEPEST) throw new CannotCheck("it is nested too deeply");
    const keys = Object.keys(left);
    if (Array.isArray(left) !== Array.isArray(right) || keys.length !== Object.keys(right).length) return false;
    return keys.every((key) => Object.hasOwn(right, key) && this.equal((left as JsonObject)[key], (right as JsonObject)[key], depth + 1));
  }

  private text(schema: JsonObject, value: string, path: Path | undefined): void {
    const { minLength, maxLength, pattern, format } = schema;
    if (typeof minLength === "number" || typeof maxLength === "number") {
      this.budget.spend(value.length / 50);
      const length = characters(value);
      if (typeof minLength === "number" && length < minLength) {
        this.wrong(path, length === 0 ? "is empty" : `is too short: ${length} characters, at least ${minLength} are needed`);
      }
      if (typeof maxLength === "number" && length > maxLength) this.wrong(path, `is too long: ${length} characters, at most ${maxLength} are allowed`);
    }
    if (typeof pattern === "string" && this.matches(pattern, value) === false) this.wrong(path, "does not match its pattern");
    if (typeof format !== "string" || UNCHECKED.has(format) || !Object.hasOwn(FORMATS, format) || value.length > LONGEST_FORMATTED) return;
    this.budget.spend(value.length / 10);
    if (FORMATS[format as keyof typeof FORMATS]?.(value) === false) this.wrong(path, `is not a valid ${format}`);
  }

  /** Undefined where the pattern cannot be followed. */
  private matches(pattern: string, text: string): boolean | undefined {
    return patternOf(pattern)?.test(text, this.budget);
  }

  private number(schema: JsonObject, value: number, path: Path | undefined): void {
    const bound = (key: string, isWrong: (bound: number) => boolean, words: (bound: number) => string): void => {
      const limit = schema[key];
      if (typeof limit === "number" && isWrong(limit)) this.wrong(path, `is ${value}, ${words(limit)}`);
    };
    const [isLow, isHigh] = [schema["exclusiveMinimum"] === true, schema["exclusiveMaximum"] === true];
    bound("minimum", (limit) => value < limit || (isLow && value === limit), (limit) => `${isLow ? "more than" : "at least"} ${limit} is needed`);
    bound("maximum", (limit) => value > limit || (isHigh && value === limit), (limit) => `${isHigh ? "less than" : "at most"} ${limit} is ${isHigh ? "needed" : "allowed"}`);
    bound("exclusiveMinimum", (limit) => value <= limit, (limit) => `more than ${limit} is needed`);
    bound("exclusiveMaximum", (limit) => value >= limit, (limit) => `less than ${limit} is needed`);
    bound("multipleOf", (limit) => !isMultiple(value, limit), (limit) => `not a multiple of ${limit}`);
  }

  private combined(schema: JsonObject, value: unknown, path: Path | undefined, depth: number, inPlace: number, looked: Looked): void {
    const beside = (each: unknown, into = looked): void => this.schema(each, value, path, depth, inPlace + 1, into);
    const isRight = (each: unknown): boolean => {
      const seen: Looked = { members: new Set(), items: 0 };
      const right = this.apart(() => beside(each, seen)).mistakes.length === 0;
      if (right) look(looked, seen);
      return right;
    };
    if (Array.isArray(schema["allOf"])) for (const each of schema["allOf"] as unknown[]) beside(each);
    for (const key of ["anyOf", "oneOf"] as const) {
      const list = schema[key];
      if (Array.isArray(list)) this.alternatives(key, list, path, looked, beside);
    }
    const { not, if: condition } = schema;
    if (not !== undefined && this.apart(() => beside(not, { members: new Set(), items: 0 })).mistakes.length === 0) this.wrong(path, "is what it must not be");
    if (condition === undefined) return;
    const consequence = schema[isRight(condition) ? "then" : "else"];
    if (consequence !== undefined) beside(consequence);
  }

  private alternatives(key: "anyOf" | "oneOf", list: unknown[], path: Path | undefined, looked: Looked, beside: (schema: unknown, looked: Looked) => void): void {
    const wrong: Found[] = [];
    let right = 0;
    for (const each of list) {
      const seen: Looked = { members: new Set(), items: 0 };
      const found = this.apart(() => beside(each, seen));
      if (found.mistakes.length > 0) {
        wrong.push(found);
        continue;
      }
      right++;
      look(looked, seen);
    }
    if (right === 1 || (right > 1 && key === "anyOf")) return;
    if (right > 1) return this.wrong(path, "is not exactly one of the allowed alternatives");
    // The alternative that the value was probably meant to be: the one with the fewest mistakes; never plain null.
    const meant = wrong.filter(({ isNull }) => !isNull).sort((left, other) => score(left) - score(other))[0];
    if (meant === undefined) return this.wrong(path, key === "anyOf" ? "is none of the allowed alternatives" : "is not exactly one of the allowed alternatives");
    for (const mistake of meant.mistakes) if (this.found.mistakes.length < MOST_MISTAKES) this.found.mistakes.push(mistake);
    this.found.isType ||= meant.isType;
  }

  private list(schema: JsonObject, value: unknown[], path: Path | undefined, depth: number, looked: Looked): void {
    const { minItems, maxItems, items, prefixItems, additionalItems, contains, uniqueItems, unevaluatedItems } = schema;
    if (typeof minItems === "number" && value.length < minItems) this.wrong(path, `has too few items: ${value.length}, at least ${minItems} are needed`);
    if (typeof maxItems === "number" && value.length > maxItems) this.wrong(path, `has too many items: ${value.length}, at most ${maxItems} are allowed`);
    const inside = (each: unknown, index: number): void => this.schema(each, value[index], { parent: path, step: index }, depth + 1, 0);
    const first = Array.isArray(prefixItems) ? (prefixItems as unknown[]) : Array.isArray(items) ? (items as unknown[]) : [];
    const rest = Array.isArray(items) ? additionalItems : items;
    for (let index = 0; index < value.length; index++) {
      if (index < first.length) inside(first[index], index);
      else if (rest !== undefined && !Array.isArray(rest)) inside(rest, index);
      else break;
    }
    looked.items = Math.max(looked.items, rest === undefined ? Math.min(first.length, value.length) : value.length);
    if (contains !== undefined) this.contains(schema, value, path, depth);
    if (uniqueItems === true && this.hasRepeated(value)) this.wrong(path, "has an item twice");
    if (unevaluatedItems === undefined) return;
    for (let index = looked.items; index < value.length; index++) inside(unevaluatedItems, index);
    looked.items = value.length;
  }

  private contains({ contains, minContains, maxContains }: JsonObject, value: unknown[], path: Path | undefined, depth: number): void {
    const found = value.filter((item, index) => this.apart(() => this.schema(contains, item, { parent: path, step: index }, depth + 1, 0)).mistakes.length === 0);
    const least = typeof minContains === "number" ? minContains : 1;
    if (found.length < least) this.wrong(path, least === 1 ? "has none of the items that it must contain" : `has too few of the items that it must contain: ${found.length}, at least ${least} are needed`);
    if (typeof maxContains === "number" && found.length > maxContains) this.wrong(path, `has too many of the items that it must contain: ${found.length}, at most ${maxContains} are allowed`);
  }

  private hasRepeated(value: unknown[]): boolean {
    const [plain, composed] = [new Set<unknown>(), new Set<string>()];
    for (const item of value) {
      this.budget.spend();
      const isComposed = typeof item === "object" && item !== null;
      const [seen, known] = isComposed ? [composed, this.canonical(item)] : [plain, item];
      if (seen.has(known as string)) return true;
      seen.add(known as string);
    }
    return false;
  }

  /** The same text for the same value, whatever the order of its members. */
  private canonical(value: unknown, depth = 0): string {
    this.budget.spend();
    if (depth > DEEPEST) throw new CannotCheck("it is nested too deeply");
    if (Array.isArray(value)) return `[${value.map((each) => this.canonical(each, depth + 1)).join()}]`;
    if (!isObject(value)) return JSON.stringify(value) ?? "";
    const members = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${this.canonical(value[key], depth + 1)}`);
    return `{${members.join()}}`;
  }

  private object(schema: JsonObject, value: JsonObject, path: Path | undefined, depth: number, inPlace: number, looked: Looked): void {
    const { required, minProperties, maxProperties } = schema;
    const names = Object.keys(value);
    for (const name of Array.isArray(required) ? (required as unknown[]) : []) {
      this.budget.spend();
      if (typeof name === "string" && !Object.hasOwn(value, name)) this.wrong(path, `lacks “${shortened(name, 100)}”`);
    }
    if (typeof minProperties === "number" && names.length < minProperties) this.wrong(path, `has too few members, at least ${minProperties} are needed`);
    if (typeof maxProperties === "number" && names.length > maxProperties) this.wrong(path, `has too many members, at most ${maxProperties} are allowed`);
    this.dependencies(schema, value, path, depth, inPlace, looked);
    this.members(schema, value, names, path, depth, looked);
  }

  private members(schema: JsonObject, value: JsonObject, names: string[], path: Path | undefined, depth: number, looked: Looked): void {
    const { properties, patternProperties, additionalProperties, propertyNames, unevaluatedProperties } = schema;
    const patterns = isObject(patternProperties) ? Object.entries(patternProperties) : [];
    for (const name of names) {
      this.budget.spend();
      const inside = (each: unknown): void => {
        looked.members.add(name);
        this.schema(each, value[name], { parent: path, step: name }, depth + 1, 0);
      };
      if (propertyNames !== undefined && this.apart(() => this.schema(propertyNames, name, path, depth + 1, 0)).mistakes.length > 0) {
        this.wrong(path, `has a member whose name is not allowed: “${shortened(name, 100)}”`);
      }
      let isKnown = false;
      if (isObject(properties) && Object.hasOwn(properties, name)) {
        isKnown = true;
        inside(properties[name]);
      }
      for (const [pattern, each] of patterns) {
        this.budget.spend();
        const matches = this.matches(pattern, name);
        // Whether it is one of those cannot be told: it may be.
        if (matches !== false) isKnown = true;
        if (matches === true) inside(each);
      }
      if (isKnown || additionalProperties === undefined) continue;
      if (additionalProperties === false) this.wrong({ parent: path, step: name }, "is not allowed here");
      else inside(additionalProperties);
    }
    if (unevaluatedProperties === undefined) return;
    for (const name of names) {
      if (looked.members.has(name)) continue;
      looked.members.add(name);
      this.schema(unevaluatedProperties, value[name], { parent: path, step: name }, depth + 1, 0);
    }
  }

  private dependencies(schema: JsonObject, value: JsonObject, path: Path | undefined, depth: number, inPlace: number, looked: Looked): void {
    for (const key of ["dependencies", "dependentRequired", "dependentSchemas"]) {
      const map = schema[key];
      if (!isObject(map)) continue;
      for (const [name, needed] of Object.entries(map)) {
        this.budget.spend();
        if (!Object.hasOwn(value, name)) continue;
        if (!Array.isArray(needed)) this.schema(needed, value, path, depth, inPlace + 1, looked);
        else {
          for (const other of needed as unknown[]) {
            this.budget.spend();
            if (typeof other === "string" && !Object.hasOwn(value, other)) this.wrong(path, `lacks “${shortened(other, 100)}”, which “${shortened(name, 100)}” needs`);
          }
        }
      }
    }
  }
}

function score({ mistakes, isType }: Found): number {
  return mistakes.length + (isType ? 100 : 0);
}

function look(into: Looked, seen: Looked): void {
  for (const name of seen.members) into.members.add(name);
  into.items = Math.max(into.items, seen.items);
}

function pointer(path: Path | undefined): string {
  const steps: string[] = [];
  for (let at = path; at !== undefined; at = at.parent) steps.push(`/${shortened(String(at.step), 200).replaceAll("~", "~0").replaceAll("/", "~1")}`);
  return steps.reverse().join("");
}

/** The steps of one check: some tens of milliseconds. */
export const STEPS = 200_000;

/** What is wrong with the value. Throws CannotCheck, or BudgetSpent where it would take too long. */
export function validate(schema: unknown, value: unknown, budget = new Budget(STEPS)): Mistake[] {
  return new Checker(budget).check(schema, value);
}

export function tooLong(): string {
  return `it would take more than ${counted(STEPS)} steps`;
}
