import { printed } from "./printed";

/** Any value of a document as text. It is for values of the wrong kind, which React would refuse to show. */
export function plainText(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return printed(value, 5_000).text;
}
