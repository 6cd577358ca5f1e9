/** Which message of a channel a frame is, and whether it is as the document says. */
import { isObject, member } from "../../document/json";
import type { Message } from "../contract/contract";
import { typesOf } from "../contract/schemaFacts";
import { Budget } from "../../document/budget";
import { checked, type Mistake } from "./check";
import { STEPS } from "./validate";

/** `unchecked`: the document does not say enough to judge. */
export type Judgement = "right" | "mismatch" | "undocumented" | "unchecked";

export interface Verdict {
  judgement: Judgement;
  message: Message | undefined;
  mistakes: Mistake[];
}

const OF_ANOTHER_TYPE = 1_000;

/** Messages whose fields are asked for the name of a frame. */
const MOST_ASKED = 100;

function same(left: unknown, right: unknown): boolean {
  return left === right || (typeof left === "object" && JSON.stringify(left) === JSON.stringify(right));
}

function fits(message: Message, value: unknown): boolean {
  if (message.constants.size === 0) return false;
  return [...message.constants].every(([name, values]) => values.some((each) => same(member(value, name), each)));
}

function judged(message: Message, value: unknown, budget: Budget): Verdict {
  const { mistakes, obstacle } = checked(message, value, budget);
  if (obstacle !== "") return { judgement: "unchecked", message, mistakes: [{ path: "", reason: `is not checked: ${obstacle}` }] };
  return { judgement: mistakes.length === 0 ? "right" : "mismatch", message, mistakes };
}

/** How far a frame is from a message: one of another type was hardly meant. */
function distance({ message, mistakes }: Verdict, value: unknown): number {
  const types = typesOf(message?.payload);
  return mistakes.length + (types.length === 0 || types.some((type) => isOfType(type, value)) ? 0 : OF_ANOTHER_TYPE);
}

function isOfType(type: string, value: unknown): boolean {
  if (type === "integer" || type === "number") return typeof value === "number";
  if (type === "array") return Array.isArray(value);
  if (type === "null") return value === null;
  return type === "object" ? isObject(value) : typeof value === type;
}

function best(messages: Message[], value: unknown, budget: Budget): Verdict | undefined {
  let closest: Verdict | undefined;
  for (const message of messages) {
    const verdict = judged(message, value, budget);
    if (verdict.judgement === "right") return verdict;
    // Another message might fit, but that is not known.
    if (verdict.judgement === "unchecked" && (budget.isSpent || closest === undefined)) closest = verdict;
    if (budget.isSpent) return closest;
    if (closest === undefined || distance(verdict, value) < distance(closest, value)) closest = verdict;
  }
  return closest;
}

const USUAL = ["type", "action", "event", "kind"];

/** What the frame calls itself, where no message of the document is called so: by their field, or by a usual one. */
function kindOf(value: unknown, messages: Message[]): string {
  const own = messages.slice(0, MOST_ASKED).flatMap(({ constants }) => [...constants.keys()]);
  for (const key of new Set([...own, ...USUAL])) {
    const kind = member(value, key);
    if (typeof kind === "string") return `${key} “${kind.slice(0, 60)}”`;
  }
  return "";
}

function undocumented(value: unknown, messages: Message[]): Verdict {
  const kind = kindOf(value, messages);
  const reason = messages.length === 0 ? "is undocumented: the document describes no message here" : `is no message that the document describes${kind && `: ${kind}`}`;
  return { judgement: "undocumented", message: undefined, mistakes: [{ path: "", reason }] };
}

/** Judges a parsed frame. */
export function recognised(value: unknown, messages: Message[], budget = new Budget(STEPS)): Verdict {
  const named = best(messages.filter((message) => fits(message, value)), value, budget);
  if (named !== undefined) return named;
  // A message that no constant marks can only be told by checking it.
  const unmarked = messages.filter((message) => message.constants.size === 0);
  const told = best(unmarked, value, budget);
  if (told?.judgement === "right" || (told?.judgement === "unchecked" && budget.isSpent)) return told;
  if (told !== undefined && unmarked.length === messages.length) return told;
  return undocumented(value, messages);
}

/** Judges a frame as it came. */
export function recognisedText(text: string, messages: Message[]): Verdict & { value: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const plain = messages.filter((message) => message.isText);
    const verdict = plain.length > 0 ? best(plain, text, new Budget(STEPS)) : undefined;
    const mistakes = [{ path: "", reason: "is not JSON" }];
    return { ...(verdict ?? { judgement: "undocumented", message: undefined, mistakes }), value: text };
  }
  return { ...recognised(value, messages), value };
}

