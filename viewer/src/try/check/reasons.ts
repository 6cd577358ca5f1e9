/** The validator's findings in the page's words. */
import type { OutputUnit } from "@cfworker/json-schema";

type Rewrite = [RegExp, (match: RegExpExecArray) => string];

const REWRITES: Record<string, Rewrite> = {
  type: [/^Instance type "(\w+)" is invalid\. Expected "(.+)"\.$/, (match) => `is ${article(match[1])}, not ${(match[2] ?? "").split('", "').map(article).join(" or ")}`],
  required: [/^Instance does not have required property "(.*)"\.$/s, (match) => `lacks “${match[1]}”`],
  const: [/^Instance does not match (.*)\.$/s, (match) => `is not ${shortened(match[1])}`],
  enum: [/^Instance does not match any of (.*)\.$/s, (match) => `is none of ${shortened(match[1])}`],
  format: [/format "(.+)"/, (match) => `is not a valid ${match[1]}`],
  pattern: [/pattern/, () => "does not match its pattern"],
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
