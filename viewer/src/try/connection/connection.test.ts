import { describe, expect, it, vi } from "vitest";

import { prepare } from "../../document/prepare";
import { contractOf, type Contract } from "../contract/contract";
import { Secrets } from "../log/redact";
import { addressOf, HIDDEN, ownServer, type Target } from "./address";
import type { Browser } from "./browser";
import { closeWords } from "./closeCodes";
import { Connection } from "./Connection";
import { settingsFor } from "./settings";

const DOCUMENT = {
  asyncapi: "3.0.0",
  "x-perspective": "server",
  info: { title: "T", version: "1" },
  servers: {
    live: { host: "{region}.example:{port}", pathname: "/v1", protocol: "wss", variables: { region: { default: "eu" }, port: { default: "443", enum: ["443"] } }, security: [{ $ref: "#/components/securitySchemes/token" }] },
    broker: { host: "kafka.example", protocol: "kafka" },
  },
  channels: {
    rooms: {
      address: "/rooms/{room}",
      parameters: { room: { description: "Which." } },
      bindings: { ws: { query: { type: "object", properties: { token: { type: "string" }, verbose: { enum: ["yes"] }, api_key: { type: "string" } } } } },
      messages: { Ask: { $ref: "#/components/messages/Ask" }, Answer: { $ref: "#/components/messages/Answer" } },
    },
  },
  operations: {
    ask: {
      action: "receive",
      channel: { $ref: "#/channels/rooms" },
      messages: [{ $ref: "#/channels/rooms/messages/Ask" }],
      reply: { channel: { $ref: "#/channels/rooms" }, messages: [{ $ref: "#/channels/rooms/messages/Answer" }] },
    },
  },
  components: {
    securitySchemes: { token: { type: "httpApiKey", name: "token", in: "query" } },
    messages: {
      Ask: { payload: { type: "object", required: ["action"], properties: { action: { const: "ask" }, id: { type: "integer" } } }, correlationId: { location: "$message.payload#/id" } },
      Answer: { payload: { type: "object", properties: { type: { const: "answer" } } }, correlationId: { location: "$message.payload#/id" } },
    },
  },
};

function contract(document: object = DOCUMENT): Contract {
  return contractOf(prepare(structuredClone(document)).schema, "server");
}

const [channel] = contract().channels;
if (channel === undefined) throw new Error("no channel");

describe("a contract", () => {
  it("has what a client sends and what it may receive, replies included", () => {
    expect(channel.actions.map(({ id }) => id)).toEqual(["ask"]);
    expect(channel.receives.map(({ id }) => id)).toEqual(["Answer"]);
    expect(channel.actions[0]?.replies).toEqual(channel.receives);
  });

  it("leaves out servers that no WebSocket reaches, and the query token that is a scheme", () => {
    expect(channel.servers.map(({ id }) => id)).toEqual(["live"]);
    expect(channel.query.map(({ name }) => name)).toEqual(["verbose", "api_key"]);
    expect(channel.schemes).toMatchObject([{ kind: "query", name: "token" }]);
  });

  it("is turned round for a document of the client's side", () => {
    const turned = contractOf(prepare(structuredClone(DOCUMENT)).schema, "client").channels[0];
    expect(turned?.actions).toEqual([]);
  });
});

function target(changes: Partial<Target> = {}): Target {
  const server = channel?.servers[0];
  if (server === undefined || channel === undefined) throw new Error("no server");
  return { server, channel, variables: { region: "eu", port: "443" }, parameters: { room: "1" }, query: {}, tokens: {}, ...changes };
}

describe("an address", () => {
  it("is put together from server, channel, parameters, query and token", () => {
    const address = addressOf(target({ query: { verbose: "yes" }, tokens: { token: "a/b+c" } }));
    expect(address.url).toBe("wss://eu.example/v1/rooms/1?verbose=yes&token=a%2Fb%2Bc");
    expect(address.shown).toBe(`wss://eu.example/v1/rooms/1?verbose=yes&token=${HIDDEN}`);
  });

  it("hides a query parameter that is called like a secret", () => {
    const { shown, secrets } = addressOf(target({ query: { api_key: "k" } }));
    expect(shown).toContain(`api_key=${HIDDEN}`);
    expect(secrets).toEqual(["k"]);
  });

  it("hides a secret in its path, whole or not", () => {
    const [room] = channel?.parameters ?? [];
    if (room === undefined || channel === undefined) throw new Error("no parameter");
    const secret = { ...channel, parameters: [{ ...room, secret: true }] };
    const address = addressOf(target({ channel: secret, parameters: { room: "r00m/key" } }));
    expect(address).toMatchObject({ url: "wss://eu.example/v1/rooms/r00m%2Fkey", shown: `wss://eu.example/v1/rooms/${HIDDEN}`, secrets: ["r00m/key"] });
    expect(addressOf(target({ channel: secret, parameters: { room: "r00m" }, variables: {} })).shown).toBe(`wss://{region}.example:{port}/v1/rooms/${HIDDEN}`);
  });

  it("may be one that the user wrote, with a query, in which a token is hidden", () => {
    const address = addressOf(target({ server: "ws://localhost:1/base?token=t0k&x=1" }));
    expect(address).toMatchObject({ url: "ws://localhost:1/base/rooms/1?token=t0k&x=1", shown: `ws://localhost:1/base/rooms/1?token=${HIDDEN}&x=1`, secrets: ["t0k"] });
  });

  it("cannot be led elsewhere by a parameter", () => {
    expect(addressOf(target({ parameters: { room: "../../x?y#z" } })).url).toBe("wss://eu.example/v1/rooms/..%2F..%2Fx%3Fy%23z");
  });

  it.each([
    [target({ parameters: {} }), "Fill in room first."],
    [target({ server: "https://example" }), "must begin with ws"],
    [target({ server: "javascript:alert(1)//" }), "must begin with ws"],
    [target({ server: "nonsense" }), "not an address"],
    [target({ server: "ws://user:password@host" }), "must not contain a user"],
  ])("says what is wrong with it", (wrong, words) => {
    expect(addressOf(wrong).mistake).toContain(words);
  });

  it("is the page's own where the document names no server", () => {
    expect(ownServer(new URL("https://docs.example:8443/docs/"))).toMatchObject({ protocol: "wss", host: "docs.example:8443" });
  });
});

it.each([
  [1000, "closed normally"],
  [1013, "try again later"],
  [4401, "authentication refused"],
  [4999, "a code of this API's own"],
])("the close code %i is said as “%s”", (code, words) => {
  expect(closeWords(code)).toBe(words);
});

class FakeSocket extends EventTarget {
  sent: string[] = [];
  protocol = "";
  binaryType = "";
  send = (text: string): void => void this.sent.push(text);
  close = (): void => undefined;
  open = (): boolean => this.dispatchEvent(new Event("open"));
  receive = (data: unknown): boolean => this.dispatchEvent(Object.assign(new Event("message"), { data }));
  end = (code: number, reason = ""): boolean => this.dispatchEvent(Object.assign(new Event("close"), { code, reason }));
}

function setUp(): { connection: Connection; sockets: FakeSocket[]; cookies: string[]; clock: { now: number }; last(): FakeSocket } {
  const [sockets, cookies, clock]: [FakeSocket[], string[], { now: number }] = [[], [], { now: 0 }];
  const browser: Browser = {
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    now: () => clock.now,
    setCookie: (name, value) => void cookies.push(`${name}=${value}`),
    clearCookie: (name) => void cookies.push(`${name} removed`),
    hasCookie: () => false,
    onRefusal: () => () => undefined,
    soon: (work) => work(),
  };
  if (channel === undefined) throw new Error("no channel");
  const settings = { ...settingsFor(channel, channel.servers), parameters: { room: "1" } };
  const connection = new Connection("1", "C", settings, {
    browser,
    secrets: new Secrets(),
    channel: () => channel,
    server: (of, id) => of.servers.find((server) => server.id === id),
    heard: () => undefined,
  });
  return { connection, sockets, cookies, clock, last: () => sockets.at(-1) as FakeSocket };
}

describe("a connection", () => {
  it("times an answer from the action that it answers, by correlation id", () => {
    const { connection, clock, last } = setUp();
    connection.connect();
    last().open();
    connection.send({ text: '{"action":"ask","id":1}' });
    clock.now = 10;
    connection.send({ text: '{"action":"ask","id":2}' });
    clock.now = 15;
    last().receive('{"type":"answer","id":2}');
    clock.now = 40;
    last().receive('{"type":"answer","id":1}');
    last().receive('{"type":"answer","id":1}');
    expect(connection.log.entries.slice(-3).map(({ latency }) => latency)).toEqual([5, 40, undefined]);
  });

  it("sends what waited for it, once", () => {
    const { connection, last } = setUp();
    connection.sendWhenOpen({ text: "1" });
    connection.sendWhenOpen({ text: "2" });
    last().open();
    expect(last().sent).toEqual(["2"]);
  });

  it("hides the token that a server sends back", () => {
    const { connection, last } = setUp();
    connection.change({ tokens: { token: "very-secret" } });
    connection.connect();
    last().open();
    last().receive('{"type":"answer","you":"very-secret"}');
    expect(JSON.stringify(connection.log.entries)).not.toContain("very-secret");
    expect(connection.log.entries.at(-1)?.isRedacted).toBe(true);
  });

  it("hides what a query parameter holds when it is used, not what it held while it was typed", () => {
    const { connection, last } = setUp();
    for (const api_key of ["a", "ab", "abc"]) connection.change({ query: { api_key } });
    connection.connect();
    last().open();
    last().receive('{"type":"answer","you":"abc","a":"ab a"}');
    expect(connection.log.entries.at(-1)?.text).toBe(`{"type":"answer","you":"${HIDDEN}","a":"ab a"}`);
  });

  it("hides the credentials of its first message, and nothing else in it", () => {
    const { connection, last } = setUp();
    connection.change({ firstMessage: '{"action":"ask","user":"Ada","password":"x1"}' });
    connection.connect();
    last().open();
    last().receive('{"type":"answer","you":"Ada","with":"x1"}');
    expect(connection.log.entries.slice(-2).map(({ text }) => text)).toEqual([
      `{"action":"ask","user":"Ada","password":"${HIDDEN}"}`,
      `{"type":"answer","you":"Ada","with":"${HIDDEN}"}`,
    ]);
  });

  it("shows a cookie token for the handshake only", () => {
    const { connection, cookies, last } = setUp();
    connection.change({ cookies: { session: "abcd" } });
    connection.connect();
    expect(cookies).toEqual(["session=abcd"]);
    last().open();
    expect(cookies).toEqual(["session=abcd", "session removed"]);
  });

  it("is tried again later and later, but not where that is pointless", () => {
    vi.useFakeTimers();
    const { connection, sockets, last } = setUp();
    connection.change({ reconnect: true });
    connection.connect();
    last().end(1006);
    vi.advanceTimersByTime(999);
    expect(sockets).toHaveLength(1);
    vi.advanceTimersByTime(2);
    expect(sockets).toHaveLength(2);
    last().end(1006);
    vi.advanceTimersByTime(1_500);
    expect(sockets).toHaveLength(2);
    vi.advanceTimersByTime(600);
    expect(sockets).toHaveLength(3);
    last().open();
    last().end(4401);
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(3);
    expect(connection.words).toBe("authentication refused (4401)");
    vi.useRealTimers();
  });

  it("ignores what an abandoned socket still says", () => {
    const { connection, last } = setUp();
    connection.connect();
    const first = last();
    first.open();
    connection.disconnect();
    const { count } = connection.log;
    first.receive("late");
    first.end(1006);
    expect(connection.log.count).toBe(count);
    expect(connection.words).toBe("closed by you");
  });

  it("keeps the beginning of an enormous frame, and its size", () => {
    const { connection, last } = setUp();
    connection.connect();
    last().open();
    last().receive(`"${"x".repeat(1_000_000)}"`);
    expect(connection.log.entries.at(-1)).toMatchObject({ size: 1_000_002, isCut: true });
    expect(connection.log.entries.at(-1)?.text.length).toBe(200_000);
  });

  it("shows binary data as such", () => {
    const { connection, last } = setUp();
    connection.connect();
    last().open();
    last().receive(new Uint8Array([1, 255]).buffer);
    expect(connection.log.entries.at(-1)).toMatchObject({ text: "2 bytes of binary data: 01 ff", isBinary: true });
  });
});
