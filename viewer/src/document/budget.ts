/**
 * A bound on work. A document of others can ask for far more than its size: it multiplies, nests, or has its reader look at
 * the same part again and again. Whoever reads one counts its steps here, and says at the place when they are spent.
 */
export class BudgetSpent extends Error {
  constructor() {
    super("too much work");
    this.name = "BudgetSpent";
  }
}

export class Budget {
  private left: number;

  /** `steps`: how many there are; a step is about a microsecond of work. */
  constructor(steps: number) {
    this.left = steps;
  }

  get isSpent(): boolean {
    return this.left < 0;
  }

  /** Takes steps, for work that cannot be done by halves: throws where there are not enough. What is spent stays spent. */
  spend(steps = 1): void {
    if (!this.take(steps)) throw new BudgetSpent();
  }

  /** Takes steps, for work that can be cut: false where there are not enough. */
  take(steps = 1): boolean {
    // A number of steps that is none comes from a document, and is too many.
    this.left = steps >= 0 ? this.left - steps : -1;
    return this.left >= 0;
  }
}

/** How many arrays and objects may stand in each other: recursion deeper than it could end the tab, in some libraries. */
export const DEEPEST = 200;

/** A number for people: `12,345`. */
export function counted(count: number): string {
  return count.toLocaleString("en");
}

/** The first characters of a text that may be of any length. */
export function shortened(text: string, most = 300): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
