import { describe, expect, it } from "vitest";

import { Budget, BudgetSpent } from "./budget";

describe("a budget", () => {
  it("lets its steps be taken, and no more", () => {
    const budget = new Budget(3);
    expect([budget.take(), budget.take(2), budget.isSpent]).toEqual([true, true, false]);
    expect(budget.take()).toBe(false);
    expect(budget.isSpent).toBe(true);
    expect(() => budget.spend()).toThrow(BudgetSpent);
  });

  it("stays spent, also for less than what was too much", () => {
    const budget = new Budget(3);
    expect(budget.take(10)).toBe(false);
    expect(budget.take(1)).toBe(false);
  });

  it("is spent by a number of steps that is none", () => {
    for (const steps of [NaN, -1, Infinity]) expect(new Budget(1_000).take(steps)).toBe(false);
  });
});
