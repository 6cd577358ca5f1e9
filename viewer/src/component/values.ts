/** What a schema's type leaves open, in a few words after it: its format, its constant, its choices. */

import { counted } from "../document/budget";
import { wholeLength } from "../document/shown";
import { draw, mayOpen } from "./drawn";
import { inOneLine } from "./printed";

/** The part of a schema model that is read here. */
export interface SchemaModel {
  format(): unknown;
  const(): unknown;
  enum(): unknown;
}

const ROOM = 72;

function written(value: unknown): string {
  const text = inOneLine(value);
  return text.length > ROOM ? `${text.slice(0, ROOM)}…` : text;
}

export function valuesOf(schema: SchemaModel): string {
  draw();
  const constant = schema.const();
  if (constant !== undefined) return ` = ${written(constant)}`;
  const choices = schema.enum();
  if (Array.isArray(choices)) return `: ${oneOf(choices)}`;
  const format = schema.format();
  return typeof format === "string" ? ` (${format})` : "";
}

function oneOf(choices: unknown[]): string {
  let text = "";
  for (const [index, choice] of choices.entries()) {
    const next = `${index > 0 ? " | " : ""}${written(choice)}`;
    if (index > 0 && text.length + next.length > ROOM) return `${text} | … ${counted(wholeLength(choices) - index)} more`;
    text += next;
  }
  return text;
}

/** Types are named inside each other (`array<array<string>>`): as deep, and as many, as anybody reads. */
const DEEPEST_TYPE = 5;
const MOST_TYPES = 40;
let [depth, types] = [0, 0];

/** The name of a type inside another one. */
export function typeInside(name: () => string): string {
  if (depth === 0) types = 0;
  if (depth >= DEEPEST_TYPE || ++types > MOST_TYPES) return "…";
  depth++;
  try {
    return name();
  } finally {
    depth--;
  }
}

interface Linked {
  _meta?: { parent?: Linked };
}

/** A browser lays out boxes in boxes in boxes several times each: every level multiplies its work. */
const DEEPEST_OPEN = 3;
const DEEPEST_EXPANDED = 8;

function isWithin(levels: number, schema: Linked | undefined): boolean {
  let parent = schema?._meta?.parent;
  for (let level = 0; level < levels && parent !== undefined; level++) parent = parent._meta?.parent;
  return parent === undefined;
}

/** Whether an array's items are shown without being asked for: not those of arrays in arrays in arrays, and so on. */
export function opensItself(schema: Linked | undefined): boolean {
  return isWithin(DEEPEST_OPEN, schema) && mayOpen();
}

/** Whether “Expand all” opens it, too. */
export function opensToo(schema: Linked | undefined): boolean {
  return mayOpen(isWithin(DEEPEST_EXPANDED, schema));
}
