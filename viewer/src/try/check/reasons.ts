/** The validator's findings in the page's words. */
import type { OutputUnit } from "@cfworker/json-schema";

type Rewrite = [RegExp, (match: RegExpExecArray) => string];

const NUMBERS = /^(\S+) is .* (\S+)\.$/;

const REWRITES: Record<string, Rewrite> = {
  type: [/^Instance type "(\w+)" is invalid\. Expected "(.+)"\.$/, (match) => `is ${article(match[1])}, not ${(match[2] ?? "").split('", "').map(article).join(" or ")}`],
  required: [/^Instance does not have required property "(.*)"\.$/s, (match) => `lacks “${match[1]}”`],
  const: [/^Instance does not match (.*)\.$/s, (match) => `is not ${shortened(match[1])}`],
  enum: [/^Instance does not match any of (.*)\.$/s, (match) => `is none of ${shortened(match[1])}`],
  format: [/format "(.+)"/, (match) => `is not a valid ${match[1]}`],
  pattern: [/pattern/, () => "does not match its pattern"],
  minLength: [/\((\d+) < (\d+)\)/, (match) => (match[1] === "0" ? "is empty" : `is too short: ${match[1]} characters, at least ${match[2]} are needed`)],
  maxLength: [/\((\d+) > (\d+)\)/, (match) => `is too long: ${match[1]} characters, at most ${match[2]} are allowed`],
  minItems: [/\((\d+) < (\d+)\)/, (match) => `has too few items: ${match[1]}, at least ${match[2]} are needed`],
  maxItems: [/\((\d+) > (\d+)\)/, (match) => `has too many items: ${match[1]}, at most ${match[2]} are allowed`],
  minimum: [NUMBERS, (match) => `is ${match[1]}, at least ${match[2]} is needed`],
  maximum: [NUMBERS, (match) => `is ${match[1]}, at most ${match[2]} is allowed`],
  exclusiveMinimum: [NUMBERS, (match) => `is ${match[1]}, more than ${match[2]} is needed`],
  exclusiveMaximum: [NUMBERS, (match) => `is ${match[1]}, less than ${match[2]} is needed`],
  multipleOf: [NUMBERS, (match) => `is ${match[1]}, not a multiple of ${match[2]}`],
  minProperties: [/at least (\d+)/, (match) => `has too few members, at least ${match[1]} are needed`],
  // The validator's own words say "at least" here, too.
  maxProperties: [/at least (\d+)/, (match) => `has too many members, at most ${match[1]} are allowed`],
};

const PLAIN: Record<string, string> = {
  false: "is not allowed here",
  additionalProperties: "has a member that is not allowed",
  anyOf: "is none of the allowed alternatives",
  oneOf: "is not exactly one of the allowed alternatives",
  not: "is what it must not be",
  uniqueItems: "has an item twice",
};

function article(type: string | undefined): string {
  if (type === "null") return "null";
  return `${/^[aeiou]/.test(type ?? "") ? "an" : "a"} ${type}`;
}

function shortened(value: string | undefined): string {
  const text = value ?? "";
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

export function reasonOf({ keyword, error }: OutputUnit): string {
  const rewrite = REWRITES[keyword];
  const match = rewrite?.[0].exec(error);
  if (rewrite !== undefined && match !== null && match !== undefined) return rewrite[1](match);
  return PLAIN[keyword] ?? shortened(error.charAt(0).toLowerCase() + error.slice(1).replace(/\.$/, ""));
}
