/** Security Scheme Objects of a document → how a browser can authenticate a connection. */
import { isObject, member } from "../../document/json";
import { text } from "./schemaFacts";

/** `other`: a scheme that a browser's WebSocket has no way to fulfil, such as a header. */
export type SchemeKind = "query" | "cookie" | "other";

export interface Scheme {
  kind: SchemeKind;
  /** The parameter's or the cookie's name; a name for the reader where there is neither. */
  name: string;
  description: string;
  /** Why a browser cannot do it. */
  obstacle: string;
}

function schemeOf(object: object): Scheme {
  const [type, place] = [text(member(object, "type")), text(member(object, "in"))];
  const name = text(member(object, "name")) || text(member(object, "scheme")) || type;
  // Markdown in a document; here a line of plain text.
  const description = text(member(object, "description")).replace(/[`*]/g, "");
  if (type === "httpApiKey" && (place === "query" || place === "cookie")) return { kind: place, name, description, obstacle: "" };
  const obstacle =
    type === "httpApiKey" && place === "header"
      ? `A browser cannot set the header ${name} of a WebSocket. The code snippets can.`
      : `A browser's WebSocket has no way to use this scheme (${type || "of no type"}).`;
  return { kind: "other", name, description, obstacle };
}

/** The schemes that `security` members name, each once. */
export function schemesOf(members: unknown[]): Scheme[] {
  const objects = members.flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []));
  const schemes = new Map<string, Scheme>();
  for (const object of objects) {
    if (!isObject(object)) continue;
    const scheme = schemeOf(object);
    const key = `${scheme.kind} ${scheme.name}`;
    if (!schemes.has(key)) schemes.set(key, scheme);
  }
  return [...schemes.values()];
}
