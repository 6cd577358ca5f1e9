import { describe, expect, it } from "vitest";

import { prepare } from "./prepare";
import { shownOf, wholeLength } from "./shown";

const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `m${index}`);
const objects = (count: number): Record<string, unknown> => Object.fromEntries(many(count).map((name) => [name, { type: "string" }]));

describe("what is shown of a document", () => {
  it("is the document itself, where nothing in it is too long", () => {
    const document = { info: { title: "T" }, channels: objects(5_000), operations: objects(5_000), components: { schemas: objects(5_000) } };
    expect(shownOf(document)).toEqual({ document, notes: [] });
    expect(shownOf(document).document).toBe(document);
  });

  it("is the first members of a wide object, with a sentence that says so, and what is required of them", () => {
    const wide = { type: "object", description: "Wide.", required: many(20_000), properties: objects(20_000) };
    const document = { components: { schemas: { wide } } };
    const shown = (shownOf(document).document as any).components.schemas.wide;
    expect(Object.keys(shown.properties)).toEqual(many(200));
    expect(shown.required).toEqual(many(200));
    expect(shown.description).toBe("Wide.\n\n*Only 200 of 20,000 members are shown here.*");
    expect(Object.keys(wide.properties)).toHaveLength(20_000);
  });

  it("keeps the length of a choice that is cut, and shared and circular schemas", () => {
    const node: Record<string, any> = { type: "object", properties: { choice: { enum: many(50_000) } } };
    node["properties"].next = node;
    const shown = (shownOf({ components: { schemas: { node, again: node } } }).document as any).components.schemas;
    expect(shown.node.properties.choice.enum).toHaveLength(200);
    expect(wholeLength(shown.node.properties.choice.enum)).toBe(50_000);
    expect(shown.node.properties.next).toBe(shown.node);
    expect(shown.again).toBe(shown.node);
  });

  it("leaves data as they are: whoever prints them stops in time", () => {
    const payload = { list: many(10_000) };
    const message = { examples: [{ payload }], payload: { default: payload, properties: { examples: { enum: many(1_000) } } } };
    const shown = (shownOf({ components: { messages: { message } } }).document as any).components.messages.message;
    expect(shown.examples[0].payload).toBe(payload);
    expect(shown.payload.default).toBe(payload);
    expect(shown.payload.properties.examples.enum).toHaveLength(200);
  });

  it("names some messages for an operation that may send any of a crowded channel", () => {
    const channel = { messages: objects(2_000) };
    const operation = { channel, reply: {} };
    const shown = (shownOf({ channels: { channel }, operations: { operation } }).document as any).operations.operation;
    expect(shown.messages).toHaveLength(50);
    expect(shown.reply.messages).toHaveLength(50);
    expect(shown.messages[0]).toBe(shown.channel.messages.m0);
    expect(Object.keys(shown.channel.messages)).toHaveLength(2_000);
    expect(shown.description).toContain("Only 50 of 2,000 messages are shown here.");
  });

  it("says of the document as a whole what is left out of it", () => {
    const servers = Object.fromEntries(many(300).map((name) => [name, { host: "h", protocol: "ws" }]));
    const { schema, shown, notes } = prepare({ asyncapi: "3.0.0", info: { title: "T", version: "1" }, servers });
    expect(Object.keys(schema["servers"] as object)).toHaveLength(300);
    expect(Object.keys(shown["servers"] as object)).toHaveLength(200);
    expect(notes).toEqual(["Only 200 of 300 servers are shown here."]);
  });
});
