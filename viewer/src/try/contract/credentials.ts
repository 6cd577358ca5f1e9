/** Which values of a message that a user sends are credentials. It reads schemas and names; it keeps nothing. */
import { isObject } from "../../document/json";
import type { Message } from "./contract";
import { keyword, propertiesOf, text } from "./schemaFacts";

const NAME = /token|secret|passw|passphrase|api.?key|jwt|bearer|credential|^pin$|^otp$/i;
const DEEPEST = 16;

/** Whether a member or parameter of this name holds a credential. */
export function isSecretName(name: string): boolean {
  return NAME.test(name);
}

function isMarked(schema: unknown): boolean {
  return keyword(schema, "format") === "password" || keyword(schema, "writeOnly") === true;
}

interface Found {
  /** Of members whose schema says so. */
  marked: string[];
  /** Of members that are called so. */
  named: string[];
  /** All strings that the schema does not fix. */
  free: string[];
}

function collect(value: unknown, schema: unknown, name: string, found: Found, depth: number): void {
  if (depth > DEEPEST) return;
  if (Array.isArray(value)) return value.forEach((each) => collect(each, keyword(schema, "items"), name, found, depth + 1));
  if (isObject(value)) {
    const properties = propertiesOf(schema);
    return Object.entries(value).forEach(([key, each]) => collect(each, properties.get(key), key, found, depth + 1));
  }
  const written = text(value);
  if (written === "") return;
  if (isMarked(schema)) found.marked.push(written);
  else if (isSecretName(name)) found.named.push(written);
  else if (typeof value === "string" && keyword(schema, "const") === undefined) found.free.push(written);
}

/**
 * The credentials in a message. A member whose schema has the format `password`, or that is only written, always holds
 * one. In a message that authenticates, so does one that is called so; where none is, any free text may be it.
 */
export function credentialsIn(message: Message | undefined, value: unknown, authenticates: boolean): string[] {
  const found: Found = { marked: [], named: [], free: [] };
  collect(value, message?.payload, "", found, 0);
  if (!authenticates) return found.marked;
  const known = [...found.marked, ...found.named];
  return known.length > 0 ? known : found.free;
}
