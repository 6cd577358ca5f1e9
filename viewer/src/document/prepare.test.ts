import { describe, expect, it } from "vitest";

import { Failure } from "./failure";
import { outlineOf, searched } from "./outline";
import { prepare } from "./prepare";

function document(more: Record<string, unknown> = {}): Record<string, unknown> {
  return { asyncapi: "3.0.0", info: { title: "T", version: "1" }, ...more };
}

function failure(data: unknown): Failure["details"] {
  try {
    prepare(data);
  } catch (error) {
    if (error instanceof Failure) return error.details;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("which documents are shown", () => {
  it.each(["3.0.0", "3.1.0", "3.0.0-rc1"])("AsyncAPI %s is", (asyncapi) => {
    expect(prepare(document({ asyncapi })).title).toBe("T");
  });

  it("AsyncAPI 2 is not; the message names the command that converts it", () => {
    const { title, command } = failure({ asyncapi: "2.6.0", info: {}, channels: {} });
    expect(title).toBe("This is an AsyncAPI 2.6.0 document");
    expect(command).toContain("@asyncapi/cli convert");
  });

  it.each([["text"], [null], [[1]], [{}], [{ info: {} }]])("%j is not", (data) => {
    expect(failure(data).title).toBe("This is not an AsyncAPI document");
  });

  it("OpenAPI is not, and is called by its name", () => {
    expect(failure({ openapi: "3.1.0" }).explanation).toContain("OpenAPI");
  });

  it("an unknown version is not", () => {
    expect(failure({ asyncapi: "4.0.0" }).title).toContain("4.0.0");
    expect(failure({ asyncapi: 3 }).where).toBe("#/asyncapi");
  });

  it("one with parts of the wrong shape is not; the message lists the places", () => {
    const { items } = failure(
      document({
        servers: { a: { host: "h" } },
        operations: { "o/p": { action: "shout" }, q: "text" },
        channels: { c: { address: { a: 1 }, messages: { m: { title: ["t"], examples: {} } } } },
      }),
    );
    expect(items).toEqual(
      expect.arrayContaining([
        "#/servers/a/protocol is missing; it must be text",
        "#/operations/o~1p/action must be “send” or “receive”",
        "#/operations/o~1p/channel is missing; it must be an object",
        "#/operations/q must be an object",
        "#/channels/c/address must be text",
        "#/channels/c/messages/m/title must be text",
        "#/channels/c/messages/m/examples must be a list",
      ]),
    );
  });
});

describe("what the component is given", () => {
  it("carries the parser's marks", () => {
    const { schema } = prepare(
      document({
        channels: { c: { address: "/", messages: { m: { $ref: "#/components/messages/M" } } } },
        operations: { o: { action: "send", channel: { $ref: "#/channels/c" } } },
        components: { messages: { M: { payload: { $ref: "#/components/schemas/S" } } }, schemas: { S: {} } },
      }),
    ) as any;
    expect(schema["x-parser-spec-parsed"]).toBe(true);
    expect(schema["x-parser-api-version"]).toBe(3);
    expect(schema.channels.c["x-parser-unique-object-id"]).toBe("c");
    expect(schema.operations.o["x-parser-unique-object-id"]).toBe("o");
    expect(schema.channels.c.messages.m["x-parser-unique-object-id"]).toBe("M");
    expect(schema.components.schemas.S["x-parser-schema-id"]).toBe("S");
  });

  it("has a JSON Schema in place of one that says its format, also where it contains itself", () => {
    const { schema } = prepare(
      document({
        components: {
          schemas: {
            S: {
              schemaFormat: "application/schema+json;version=draft-07",
              schema: { type: "object", properties: { again: { $ref: "#/components/schemas/S/schema" } } },
            },
          },
        },
      }),
    ) as any;
    expect(schema.components.schemas.S.type).toBe("object");
    expect(schema.components.schemas.S.properties.again).toBe(schema.components.schemas.S);
  });

  it("shows a schema of another kind as its text, which cannot break out of its block", () => {
    const { schema } = prepare(
      document({
        components: {
          messages: { m: { payload: { schemaFormat: "application/vnd.google.protobuf", schema: "message A {}\n```\n# Hi" } } },
        },
      }),
    ) as any;
    expect(schema.components.messages.m.payload.description).toMatch(/````\nmessage A \{\}\n```\n# Hi\n````$/);
  });

  it.each([
    ["server", "server"],
    ["client", "client"],
    ["both", undefined],
  ])("x-perspective %s is %s", (stated, expected) => {
    expect(prepare(document({ "x-perspective": stated })).perspective).toBe(expected);
  });
});

describe("the outline", () => {
  const { schema } = prepare(
    document({
      channels: { a: { address: "/a" }, b: { address: null } },
      operations: {
        ask: { action: "receive", channel: { $ref: "#/channels/a" }, reply: {} },
        tell: { action: "receive", channel: { $ref: "#/channels/a" }, "x-deprecated": true },
        push: { action: "send", channel: { $ref: "#/channels/a" } },
        other: { action: "send", channel: { $ref: "#/channels/b" }, reply: {} },
      },
    }),
  );

  it("lists operations by channel and by who sends, with the component's anchors", () => {
    expect(outlineOf(schema, "server").channels).toEqual([
      {
        address: "/a",
        clientSends: [
          { label: "ask", anchor: "operation-reply-ask", deprecated: false, words: "ask" },
          { label: "tell", anchor: "operation-receive-tell", deprecated: true, words: "tell" },
        ],
        serverSends: [{ label: "push", anchor: "operation-send-push", deprecated: false, words: "push" }],
      },
      {
        address: "b",
        clientSends: [],
        serverSends: [{ label: "other", anchor: "operation-request-other", deprecated: false, words: "other" }],
      },
    ]);
  });

  it("is searched by every word, in names, texts and addresses", () => {
    const outline = outlineOf(schema, "server");
    const found = (search: string): string[] =>
      searched(outline, search).channels.flatMap(({ clientSends, serverSends }) => [...clientSends, ...serverSends].map(({ label }) => label));
    expect(found("  ")).toEqual(["ask", "tell", "push", "other"]);
    expect(found("PUSH /a")).toEqual(["push"]);
    expect(found("push other")).toEqual([]);
  });

  it("turns round for a client's document", () => {
    const [channel] = outlineOf(schema, "client").channels;
    expect(channel?.clientSends.map(({ label }) => label)).toEqual(["push"]);
  });
});
