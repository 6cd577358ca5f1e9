/** Any value of a document as text. It is for values of the wrong kind, which React would refuse to show. */
export function plainText(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  try {
    return JSON.stringify(value, undefined, 2);
  } catch {
    return "[refers to itself]";
  }
}
