/** Security Scheme Objects of a document → how a browser can authenticate a connection. */
import { isObject, member } from "../../document/json";
import { text } from "./schemaFacts";

/**
 * `message`: the first message on the connection authenticates. `header` and `other`: schemes that a browser's WebSocket
 * has no way to fulfil; another program can send a header.
 */
export type SchemeKind = "query" | "cookie" | "message" | "header" | "other";

export interface Scheme {
  kind: SchemeKind;
  /** The name of the parameter, the cookie, the operation or message; a name for the reader where there is none. */
  name: string;
  description: string;
  /** Why a browser cannot do it. */
  obstacle: string;
  /** What stands before the token in a header. */
  prefix?: string;
}

/** AsyncAPI has no scheme for a message: an extension of any scheme names the operation or the message that it is. */
const FIRST_MESSAGE = "x-first-message";

function schemeOf(object: object): Scheme {
  const [type, place] = [text(member(object, "type")), text(member(object, "in"))];
  // Markdown in a document; here a line of plain text.
  const description = text(member(object, "description")).replace(/[`*]/g, "");
  const first = text(member(object, FIRST_MESSAGE));
  if (first !== "") return { kind: "message", name: first, description, obstacle: "" };
  const name = text(member(object, "name")) || text(member(object, "scheme")) || type;
  if (type === "httpApiKey" && (place === "query" || place === "cookie")) return { kind: place, name, description, obstacle: "" };
  if (type === "httpApiKey" && place === "header") return header(name, "", description);
  if (type === "http" && /^bearer$/i.test(text(member(object, "scheme")))) return header("Authorization", "Bearer ", description);
  const obstacle = `A browser's WebSocket has no way to use this scheme (${type || "of no type"}).`;
  return { kind: "other", name, description, obstacle };
}

function header(name: string, prefix: string, description: string): Scheme {
  const obstacle = `A browser cannot set the header ${name} of a WebSocket. The code for Python and websocat sends it.`;
  return { kind: "header", name, prefix, description, obstacle };
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
