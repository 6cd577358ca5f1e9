/** Which message of a channel a frame is, and whether it is as the document says. */
import { member } from "../../document/json";
import type { Message } from "../contract/contract";
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

function best(messages: Message[], value: unknown, budget: Budget): Verdict | undefined {
  let closest: Verdict | undefined;
  for (const message of messages) {
    const verdict = judged(message, value, budget);
    if (verdict.judgement === "right") return verdict;
    // Another message might fit, but that is not known.
    if (verdict.judgement === "unchecked" && (budget.isSpent || closest === undefined)) closest = verdict;
    if (budget.isSpent) return closest;
    if (closest === undefined || verdict.mistakes.length < closest.mistakes.length) closest = verdict;
  }
  return closest;
}

/** What the frame calls itself, where no message of the document is called so. */
function kindOf(value: unknown): string {
  for (const key of ["type", "action", "event", "kind"]) {
    const kind = member(value, key);
    if (typeof kind === "string") return `${key} “${kind.slice(0, 60)}”`;
  }
  return "";
}

function undocumented(value: unknown, messages: Message[]): Verdict {
  const kind = kindOf(value);
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

