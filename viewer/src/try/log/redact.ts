/** Keeps secrets out of everything that is shown, copied or saved. */
import { HIDDEN } from "../connection/address";

/** Shorter ones would blank out ordinary text. */
const SHORTEST = 4;
const MOST = 200;

function forms(secret: string): string[] {
  const escaped = JSON.stringify(secret).slice(1, -1);
  return [...new Set([secret, escaped, encodeURIComponent(secret), encodeURI(secret)])];
}

export class Secrets {
  private readonly known = new Set<string>();
  private sorted: string[] = [];

  add(secret: string): void {
    if (secret.length < SHORTEST || this.known.has(secret) || this.known.size >= MOST) return;
    this.known.add(secret);
    // Longest first: one secret may contain another.
    this.sorted = [...this.known].flatMap(forms).sort((a, b) => b.length - a.length);
  }

  has(text: string): boolean {
    return this.sorted.some((secret) => text.includes(secret));
  }

  /** The text with every secret hidden. */
  hide(text: string): string {
    let result = text;
    for (const secret of this.sorted) if (result.includes(secret)) result = result.replaceAll(secret, HIDDEN);
    return result;
  }
}
