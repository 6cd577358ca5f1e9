/** Checks a value against a message's payload, and says what is wrong and where, or why that cannot be said. */
import { Budget, BudgetSpent } from "../../document/budget";
import type { Message } from "../contract/contract";
import { CannotCheck, STEPS, tooLong, validate, type Mistake } from "./validate";

export type { Mistake } from "./validate";

export interface Checked {
  /** Nothing where the value is right, or where nothing can be said. */
  mistakes: Mistake[];
  /** Why the value cannot be checked; empty where it can. */
  obstacle: string;
}

/** `budget`: the steps of all checks for one purpose; a frame may be compared with thousands of messages. */
export function checked({ payload }: Pick<Message, "payload">, value: unknown, budget = new Budget(STEPS)): Checked {
  try {
    return { mistakes: validate(payload, value, budget), obstacle: "" };
  } catch (error) {
    if (error instanceof CannotCheck) return { mistakes: [], obstacle: error.message };
    if (error instanceof BudgetSpent) return { mistakes: [], obstacle: tooLong() };
    return { mistakes: [], obstacle: "its schema is not a valid JSON Schema" };
  }
}
