/** What the navigation lists: the operations by channel and by who sends, and the shared messages and schemas. */
import { isObject, member, objectsIn, type JsonObject } from "./json";
import { isDeprecated } from "./marks";
import type { Perspective } from "./prepare";

export interface Entry {
  label: string;
  /** The id of the element that shows it. */
  anchor: string;
  deprecated: boolean;
}

export interface ChannelOutline {
  address: string;
  clientSends: Entry[];
  serverSends: Entry[];
}

export interface Outline {
  servers: Entry[];
  channels: ChannelOutline[];
  messages: Entry[];
  schemas: Entry[];
}

function entry(kind: string, id: string, object?: JsonObject): Entry {
  return { label: id, anchor: `${kind}-${id}`, deprecated: object !== undefined && isDeprecated(object) };
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
    messages: objectsIn(components, "messages").map(([id]) => entry("message", id)),
    schemas: (isObject(schemas) ? Object.keys(schemas) : []).map((id) => entry("schema", id)),
  };
}
