/** Pairs what was sent with what answers it, to tell how long the answer took. */
import { member } from "../../document/json";
import type { Message } from "../contract/contract";

interface Waiting {
  replies: Message[];
  correlation: unknown;
  since: number;
}

const MOST = 200;

function correlationIn(message: Message, value: unknown): unknown {
  return message.correlation?.reduce<unknown>((inside, step) => member(inside, step), value);
}

export class Replies {
  private waiting: Waiting[] = [];

  sent(message: Message, value: unknown, replies: Message[], now: number): void {
    if (replies.length === 0) return;
    this.waiting.push({ replies, correlation: correlationIn(message, value), since: now });
    if (this.waiting.length > MOST) this.waiting.shift();
  }

  /** Milliseconds since the oldest action that this message answers; undefined where it answers none. */
  received(message: Message, value: unknown, now: number): number | undefined {
    const correlation = correlationIn(message, value);
    const index = this.waiting.findIndex(
      (each) =>
        each.replies.includes(message) &&
        (correlation === undefined || each.correlation === undefined || correlation === each.correlation),
    );
    const found = this.waiting[index];
    if (found === undefined) return undefined;
    this.waiting.splice(index, 1);
    return now - found.since;
  }

  forget(): void {
    this.waiting = [];
  }
}
