/** Values that a server sent lately, by the name of their member: what one wants to send back, such as a ride's id. */
import { isObject } from "../../document/json";
import { HIDDEN } from "../connection/address";
import { Emitter } from "../emitter";
import type { Secrets } from "../log/redact";

const NAMES = 300;
const VALUES = 8;
const LONGEST = 100;
const DEEPEST = 3;

export class Seen {
  /** Suggestions need not keep up with a stream. */
  readonly changed = new Emitter({ batched: 400 });
  private readonly values = new Map<string, string[]>();

  add(value: unknown, secrets: Secrets, depth = 0): void {
    if (depth > DEEPEST) return;
    if (Array.isArray(value)) return value.slice(0, 5).forEach((each) => this.add(each, secrets, depth + 1));
    if (!isObject(value)) return;
    for (const [name, each] of Object.entries(value).slice(0, 50)) {
      if (typeof each === "string" || typeof each === "number") this.keep(name, secrets.hide(String(each)));
      else this.add(each, secrets, depth + 1);
    }
  }

  /** The newest first. */
  of(name: string): string[] {
    return this.values.get(name) ?? [];
  }

  private keep(name: string, value: string): void {
    if (value.length === 0 || value.length > LONGEST || value.includes(HIDDEN)) return;
    const known = this.values.get(name);
    if (known === undefined && this.values.size >= NAMES) return;
    if (known?.[0] === value) return;
    this.changed.emit();
    this.values.set(name, [value, ...(known ?? []).filter((each) => each !== value)].slice(0, VALUES));
  }
}
