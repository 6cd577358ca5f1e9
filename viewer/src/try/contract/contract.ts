/**
 * What a client can do, read from a prepared document: channels, the actions it may send, the messages it may receive,
 * how it authenticates. It knows AsyncAPI; it connects to nothing.
 */
import { isObject, member, objectsIn, type JsonObject } from "../../document/json";
import { isDeprecated } from "../../document/marks";
import type { Perspective } from "../../document/prepare";
import { isSecretName } from "./credentials";
import { schemesOf, type Scheme } from "./schemes";
import { constantsOf, describes, text } from "./schemaFacts";

export interface Example {
  name: string;
  payload: unknown;
}

export interface Message {
  /** The message's name in the document. */
  id: string;
  title: string;
  /** A JSON Schema whose references are objects, so it may contain itself; undefined where any payload is right. */
  payload: unknown;
  /** The payload's own members that have one or a few fixed values: what tells messages apart. */
  constants: ReadonlyMap<string, unknown[]>;
  examples: Example[];
  /** Where in the payload the correlation id is, as steps. */
  correlation: string[] | undefined;
  isText: boolean;
}

export interface Action {
  id: string;
  title: string;
  summary: string;
  deprecated: boolean;
  channel: string;
  messages: Message[];
  replies: Message[];
}

export interface Parameter {
  name: string;
  description: string;
  choices: string[];
  preset: string;
  required: boolean;
  /** Whether what is typed here should be hidden like a password. */
  secret: boolean;
}

export interface Channel {
  id: string;
  title: string;
  address: string;
  parameters: Parameter[];
  query: Parameter[];
  subprotocol: string;
  servers: Server[];
  schemes: Scheme[];
  actions: Action[];
  receives: Message[];
}

export interface Server {
  id: string;
  protocol: string;
  host: string;
  pathname: string;
  variables: Parameter[];
}

export interface Contract {
  channels: Channel[];
}

const MOST_CHOICES = 1_000;
const TEXT_TYPES = /^text\/(?!.*json)/i;

function parameter(name: string, object: unknown, required: boolean): Parameter {
  const schema = member(object, "x-schema") ?? object;
  const choices = member(object, "enum") ?? member(schema, "enum");
  const examples = member(object, "examples") ?? member(schema, "examples");
  const preset = member(object, "default") ?? member(schema, "default") ?? (Array.isArray(examples) ? examples[0] : undefined);
  return {
    name,
    description: text(member(object, "description") ?? member(schema, "description")),
    choices: Array.isArray(choices) ? choices.filter(describes).slice(0, MOST_CHOICES).map(String) : [],
    preset: describes(preset) ? String(preset) : "",
    required,
    secret: isSecretName(name) || member(schema, "format") === "password",
  };
}

/** An address of more parameters is nobody's. */
export const MOST_PARAMETERS = 100;

export function parametersOf(object: unknown, key: string): Parameter[] {
  return objectsIn(object, key).slice(0, MOST_PARAMETERS).map(([name, each]) => parameter(name, each, true));
}

function queryOf(channel: JsonObject, schemes: Scheme[]): Parameter[] {
  const query = member(member(member(channel, "bindings"), "ws"), "query");
  const required = member(query, "required");
  const tokens = new Set(schemes.filter(({ kind }) => kind === "query").map(({ name }) => name));
  return objectsIn(query, "properties")
    .filter(([name]) => !tokens.has(name))
    .slice(0, MOST_PARAMETERS)
    .map(([name, each]) => parameter(name, each, Array.isArray(required) && required.includes(name)));
}

function subprotocolOf(channel: JsonObject): string {
  const headers = member(member(member(channel, "bindings"), "ws"), "headers");
  for (const [name, header] of objectsIn(headers, "properties")) {
    if (name.toLowerCase() !== "sec-websocket-protocol") continue;
    const choices = member(header, "enum");
    return text(member(header, "const") ?? member(header, "default") ?? (Array.isArray(choices) ? choices[0] : undefined));
  }
  return "";
}

function correlationOf(message: JsonObject): string[] | undefined {
  const location = member(member(message, "correlationId"), "location");
  const pointer = typeof location === "string" ? /^\$message\.payload#\/(.+)$/.exec(location)?.[1] : undefined;
  return pointer?.split("/").map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function examplesOf(message: JsonObject): Example[] {
  const examples = member(message, "examples");
  if (!Array.isArray(examples)) return [];
  return examples
    .filter((each) => isObject(each) && Object.hasOwn(each, "payload"))
    .map((each, index) => ({
      name: text(member(each, "name")) || text(member(each, "summary")) || `Example ${index + 1}`,
      payload: member(each, "payload"),
    }));
}

/** An operation, where it is of a channel or answers on it. */
interface Use {
  name: string;
  operation: JsonObject;
  replyChannel: unknown;
}

interface Reached {
  servers: Server[];
  security: Set<unknown>;
}

class Reader {
  private readonly messages = new Map<object, Message>();
  private readonly lists = new Map<object, Message[]>();
  private readonly reached = new Map<object, Reached>();
  private readonly byChannel = new Map<unknown, Use[]>();
  private readonly servers: [string, JsonObject][];
  private readonly defaultType: string;

  constructor(
    private readonly document: JsonObject,
    private readonly perspective: Perspective,
  ) {
    this.defaultType = text(member(document, "defaultContentType"));
    this.servers = objectsIn(document, "servers").filter(([, server]) => /^wss?$/i.test(text(server["protocol"])));
    // Once for all channels: each of them would look at every operation.
    for (const [name, operation] of objectsIn(document, "operations")) {
      const channel = operation["channel"];
      const replyChannel = member(operation["reply"], "channel") ?? channel;
      const use = { name, operation, replyChannel };
      for (const each of new Set([channel, replyChannel])) {
        const uses = this.byChannel.get(each) ?? [];
        this.byChannel.set(each, uses);
        uses.push(use);
      }
    }
  }

  read(): Contract {
    return { channels: objectsIn(this.document, "channels").map(([id, channel]) => this.channel(id, channel)) };
  }

  private message(object: JsonObject): Message {
    const known = this.messages.get(object);
    if (known !== undefined) return known;
    const id = text(member(object, "x-parser-unique-object-id")) || text(member(object, "name"));
    const payload = member(object, "payload");
    const type = text(member(object, "contentType")) || this.defaultType;
    const message: Message = {
      id,
      title: text(member(object, "title")) || text(member(object, "name")) || id,
      payload,
      constants: constantsOf(payload),
      examples: examplesOf(object),
      correlation: correlationOf(object),
      isText: TEXT_TYPES.test(type),
    };
    this.messages.set(object, message);
    return message;
  }

  /** The messages that an operation or a reply names, or all of its channel: one list for all that name none. */
  private listed(owner: unknown, channel: unknown): Message[] {
    const list = member(owner, "messages");
    const source = Array.isArray(list) ? list : isObject(channel) ? channel : undefined;
    if (source === undefined) return [];
    const known = this.lists.get(source);
    if (known !== undefined) return known;
    const objects = Array.isArray(list) ? list : objectsIn(channel, "messages").map(([, message]) => message);
    const messages = objects.filter(isObject).map((message) => this.message(message));
    this.lists.set(source, messages);
    return messages;
  }

  private channel(id: string, channel: JsonObject): Channel {
    const mine = this.perspective === "server" ? "receive" : "send";
    const actions: Action[] = [];
    const receives = new Set<Message>();
    const secured: unknown[] = [];
    const added = new Set<Message[]>();
    const receive = (messages: Message[]): void => {
      if (added.has(messages)) return;
      added.add(messages);
      messages.forEach((message) => receives.add(message));
    };
    for (const { name, operation, replyChannel } of this.byChannel.get(channel) ?? []) {
      const reply = member(operation, "reply");
      const replies = isObject(reply) ? this.listed(reply, replyChannel) : [];
      const isMine = operation["action"] === mine;
      if (isMine && replyChannel === channel) receive(replies);
      if (operation["channel"] !== channel) continue;
      secured.push(member(operation, "security"));
      const messages = this.listed(operation, channel);
      if (isMine) actions.push(this.action(name, id, operation, messages, replies));
      else receive(messages);
    }
    const { servers, security } = this.reachedBy(channel);
    const schemes = schemesOf([...security, ...new Set(secured)]);
    return {
      id,
      title: text(member(channel, "title")) || id,
      address: text(member(channel, "address")),
      parameters: parametersOf(channel, "parameters"),
      query: queryOf(channel, schemes),
      subprotocol: subprotocolOf(channel),
      servers,
      schemes,
      actions,
      receives: [...receives],
    };
  }

  private action(id: string, channel: string, operation: JsonObject, messages: Message[], replies: Message[]): Action {
    return {
      id,
      title: text(member(operation, "title")) || id,
      summary: text(member(operation, "summary")),
      deprecated: isDeprecated(operation),
      channel,
      messages,
      replies,
    };
  }

  /** The servers of a channel: one list for all channels that are on every server. */
  private reachedBy(channel: JsonObject): Reached {
    const objects = this.serversOf(channel);
    const known = this.reached.get(objects);
    if (known !== undefined) return known;
    const security = new Set(objects.map(([, server]) => member(server, "security")));
    const reached = { servers: objects.map(([name, server]) => this.server(name, server)), security };
    this.reached.set(objects, reached);
    return reached;
  }

  /** Those of the channel, or all; only those a browser can open a socket to. */
  private serversOf(channel: JsonObject): [string, JsonObject][] {
    const own = member(channel, "servers");
    if (!Array.isArray(own) || own.length === 0) return this.servers;
    const chosen = new Set(own as unknown[]);
    return this.servers.filter(([, server]) => chosen.has(server));
  }

  private server(id: string, server: JsonObject): Server {
    return {
      id,
      protocol: text(server["protocol"]).toLowerCase(),
      host: text(server["host"]),
      pathname: text(member(server, "pathname")),
      variables: parametersOf(server, "variables"),
    };
  }
}

/** Reads a prepared document (no references, with the parser's marks). */
export function contractOf(document: JsonObject, perspective: Perspective): Contract {
  return new Reader(document, perspective).read();
}
