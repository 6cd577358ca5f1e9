import { describe, expect, it } from "vitest";

import { prepare } from "../../document/prepare";
import { contractOf, type Channel } from "./contract";
import { credentialsIn } from "./credentials";
import { authenticatingAction } from "./firstMessage";

const SIGN_IN = {
  type: "object",
  properties: {
    action: { const: "hello" },
    user: { type: "string" },
    phrase: { type: "string", format: "password" },
    pin: { type: "integer" },
    seen: { type: "array", items: { type: "string", writeOnly: true } },
  },
};

function channelOf(names: string[], schemes: Record<string, object> = {}): Channel {
  const messages = Object.fromEntries(names.map((name) => [name, { payload: SIGN_IN }]));
  const channel = { $ref: "#/channels/c" };
  const operations = names.map((name) => [name, { action: "receive", channel, messages: [{ $ref: `#/channels/c/messages/${name}` }] }]);
  const security = Object.keys(schemes).map((name) => ({ $ref: `#/components/securitySchemes/${name}` }));
  const document = {
    asyncapi: "3.0.0",
    "x-perspective": "server",
    info: { title: "T", version: "1" },
    servers: { s: { host: "h", protocol: "ws", security } },
    channels: { c: { address: "/", messages } },
    operations: Object.fromEntries(operations) as object,
    components: { securitySchemes: schemes },
  };
  const [channelRead] = contractOf(prepare(structuredClone(document)).schema, "server").channels;
  if (channelRead === undefined) throw new Error("no channel");
  return channelRead;
}

describe("the action that authenticates", () => {
  const stated = { first: { type: "userPassword", "x-first-message": "hello" } };

  it("is the one that a security scheme names, whatever others are called", () => {
    expect(authenticatingAction(channelOf(["login", "hello"], stated))?.id).toBe("hello");
  });

  it("is the one that is called so, where no scheme names one", () => {
    expect(authenticatingAction(channelOf(["hello", "login"]))?.id).toBe("login");
    expect(authenticatingAction(channelOf(["hello", "authority_list"]))).toBeUndefined();
  });
});

it("a scheme that only a header can fulfil is known as such, with what stands before the token", () => {
  const { schemes } = channelOf([], { a: { type: "http", scheme: "bearer" }, b: { type: "httpApiKey", in: "header", name: "X-Key" }, c: { type: "X509" } });
  expect(schemes).toMatchObject([
    { kind: "header", name: "Authorization", prefix: "Bearer " },
    { kind: "header", name: "X-Key", prefix: "" },
    { kind: "other", name: "X509" },
  ]);
});

describe("the credentials of a message", () => {
  const [message] = channelOf(["hello"]).actions[0]?.messages ?? [];

  it("are what its schema says, in any message", () => {
    expect(credentialsIn(message, { action: "hello", user: "ada", phrase: "p", pin: 12, seen: ["a"] }, false)).toEqual(["p", "a"]);
  });

  it("are also what is called so, in one that authenticates", () => {
    expect(credentialsIn(message, { action: "hello", user: "ada", phrase: "p", pin: 12 }, true)).toEqual(["p", "12"]);
  });

  it("are any free text of one that authenticates, where nothing is called so", () => {
    expect(credentialsIn(message, { action: "hello", user: "ada" }, true)).toEqual(["ada"]);
    expect(credentialsIn(undefined, "letmein", true)).toEqual(["letmein"]);
  });
});
