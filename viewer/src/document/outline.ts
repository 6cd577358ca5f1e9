/** What the navigation lists: the operations by channel and by who sends, and the shared messages and schemas. */
import { shortened } from "./budget";
import { isObject, member, objectsIn, type JsonObject } from "./json";
import { isDeprecated } from "./marks";
import type { Perspective } from "./prepare";

export interface Entry {
  label: string;
  /** The id of the element that shows it. */
  anchor: string;
  deprecated: boolean;
  /** What a search looks in. */
  words: string;
}

export interface ChannelOutline {
  address: string;
  clientSends: Entry[];
  serverSends: Entry[];
}

/** What a list of links shows at most; the search finds the others. */
export const MOST_LISTED = 500;

export interface Outline {
  servers: Entry[];
  channels: ChannelOutline[];
  messages: Entry[];
  schemas: Entry[];
}

function entry(kind: string, id: string, object?: JsonObject): Entry {
  const texts = ["title", "summary", "name"].map((key) => member(object, key));
  const words = [id, ...texts.filter((each) => typeof each === "string")].map((each) => shortened(each, 2_000)).join(" ").toLowerCase();
  return { label: shortened(id, 200), anchor: `${kind}-${id}`, deprecated: object !== undefined && isDeprecated(object), words };
}

/** The component's own name for an operation, which is part of its element's id. */
function operationKind(operation: JsonObject): string {
  const replies = isObject(operation["reply"]);
  if (operation["action"] === "send") return replies ? "operation-request" : "operation-send";
  return replies ? "operation-reply" : "operation-receive";
}

function channelOutlines(schema: JsonObject, perspective: Perspective): ChannelOutline[] {
  const outlines = new Map<unknown, ChannelOutline>();
  const clientAction = perspective === "server" ? "receive" : "send";
  for (const [id, operation] of objectsIn(schema, "operations")) {
    const channel = operation["channel"];
    const address = String(member(channel, "address") ?? member(channel, "x-parser-unique-object-id") ?? "");
    const outline = outlines.get(channel) ?? { address, clientSends: [], serverSends: [] };
    outlines.set(channel, outline);
    const list = operation["action"] === clientAction ? outline.clientSends : outline.serverSends;
    list.push(entry(operationKind(operation), id, operation));
  }
  return [...outlines.values()];
}

export function outlineOf(schema: JsonObject, perspective: Perspective): Outline {
  const components = member(schema, "components");
  const schemas = member(components, "schemas");
  return {
    servers: objectsIn(schema, "servers").map(([id]) => entry("server", id)),
    channels: channelOutlines(schema, perspective),
    messages: objectsIn(components, "messages").map(([id, message]) => entry("message", id, message)),
    schemas: (isObject(schemas) ? Object.entries(schemas) : []).map(([id, schema]) => entry("schema", id, isObject(schema) ? schema : undefined)),
  };
}

/** What is left of an outline for a search: the entries that hold all its words. A channel's address counts for its own. */
export function searched(outline: Outline, search: string): Outline {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return outline;
  const found = (entries: Entry[], around = ""): Entry[] => entries.filter((each) => words.every((word) => `${each.words} ${around}`.includes(word)));
  const channels = outline.channels.map(({ address, clientSends, serverSends }) => ({
    address,
    clientSends: found(clientSends, address.toLowerCase()),
    serverSends: found(serverSends, address.toLowerCase()),
  }));
  return {
    servers: found(outline.servers),
    channels: channels.filter(({ clientSends, serverSends }) => clientSends.length + serverSends.length > 0),
    messages: found(outline.messages),
    schemas: found(outline.schemas),
  };
}
