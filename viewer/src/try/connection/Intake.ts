/**
 * What a connection has to do for each frame, in order and a little at a time: a burst of thousands must neither stop
 * the page nor keep it from drawing. Taking a frame in costs next to nothing; judging it waits for its turn.
 */

/** Milliseconds of a drawn frame, which has 16, that may be spent. */
const BUDGET = 6;
/** How much may wait. Beyond it the oldest is done at once, so a socket faster than the page is slowed, not hoarded. */
const MOST = 20_000;
const MOST_CHARACTERS = 16_000_000;

export interface Pace {
  now(): number;
  /** Calls back when the page draws next, or soon where it does not draw. */
  soon(work: () => void): void;
}

interface Work {
  run(): void;
  weight: number;
}

export class Intake {
  private waiting: Work[] = [];
  private next = 0;
  private weight = 0;
  private isScheduled = false;

  constructor(private readonly pace: Pace) {}

  /** Does it at once where nothing waits before it. */
  inTurn(run: () => void): void {
    if (this.next === this.waiting.length) run();
    else this.later(run);
  }

  /** Does it when its turn has come; `weight` is the length of the text that it holds. */
  later(run: () => void, weight = 0): void {
    this.waiting.push({ run, weight });
    this.weight += weight;
    while (this.waiting.length - this.next > MOST || (this.weight > MOST_CHARACTERS && this.waiting.length - this.next > 1)) this.one();
    this.schedule();
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    this.pace.soon(() => {
      this.isScheduled = false;
      this.some();
    });
  }

  private some(): void {
    const end = this.pace.now() + BUDGET;
    try {
      do this.one();
      while (this.next < this.waiting.length && this.pace.now() < end);
    } finally {
      if (this.next < this.waiting.length) this.schedule();
      else [this.waiting, this.next] = [[], 0];
    }
  }

  private one(): void {
    const work = this.waiting[this.next];
    if (work === undefined) return;
    // Not shifted out, which would cost what waits behind it; forgotten in one go.
    this.next++;
    this.weight -= work.weight;
    if (this.next > 1_000 && this.next * 2 > this.waiting.length) {
      this.waiting = this.waiting.slice(this.next);
      this.next = 0;
    }
    work.run();
  }
}
