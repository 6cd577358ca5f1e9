/**
 * Keeps what the user entered as a credential out of everything that is shown, copied or saved. A long one is hidden
 * wherever it stands; a short one only where it stands by itself, or ordinary words that contain it would be hidden too.
 */
import { HIDDEN } from "../connection/address";
import { Emitter } from "../emitter";

const LONG = 8;
/** Not within a word. What an escape ends with (`\n`, `\u00eb`, `%2F`) is no part of a word. */
const BEFORE = "(?:(?<![\\p{L}\\p{N}])|(?<=\\\\[bfnrt]|\\\\u[0-9a-fA-F]{4}|%[0-9a-fA-F]{2}))";
const AFTER = "(?![\\p{L}\\p{N}])";

function attempt(make: () => string): string[] {
  try {
    return [make()];
  } catch {
    return []; // No address can hold it, so none does.
  }
}

/** Characters outside ASCII as other languages' JSON writes them. */
function ascii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A secret as it may stand in plain text, in JSON, in an address. */
function forms(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const escaped = ascii(json);
  const encoded = attempt(() => encodeURIComponent(secret));
  return [
    ...[secret, json, escaped, escaped.replace(/\\u[0-9a-f]{4}/g, (each) => `\\u${each.slice(2).toUpperCase()}`)],
    ...[json, escaped].map((each) => each.replaceAll("/", "\\/")),
    ...encoded.flatMap((each) => [each, each.replaceAll("%20", "+"), each.replace(/%../g, (octet) => octet.toLowerCase())]),
    ...attempt(() => encodeURI(secret)),
    ...attempt(() => new URLSearchParams({ "": secret }).toString().slice(1)),
  ];
}

function pattern(secret: string, form: string): string {
  const literal = form.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return secret.length < LONG ? `${BEFORE}${literal}${AFTER}` : literal;
}

export class Secrets {
  /** Tells that there is one more: what was kept before may hold it. */
  readonly changed = new Emitter();
  private readonly known = new Set<string>();
  private all: RegExp | undefined;

  add(...secrets: string[]): void {
    const fresh = secrets.filter((secret) => secret !== "" && !this.known.has(secret));
    if (fresh.length === 0) return;
    fresh.forEach((secret) => this.known.add(secret));
    const patterns = new Map([...this.known].flatMap((secret) => forms(secret).map((form) => [form, pattern(secret, form)] as const)));
    // Longest first: one secret may contain another.
    const sorted = [...patterns].sort(([left], [right]) => right.length - left.length).map(([, each]) => each);
    this.all = new RegExp(sorted.join("|"), "gu");
    this.changed.emit();
  }

  /** The text with every secret hidden. */
  hide(text: string): string {
    return this.all === undefined ? text : text.replace(this.all, HIDDEN);
  }
}
