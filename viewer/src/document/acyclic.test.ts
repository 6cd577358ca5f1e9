import { describe, expect, it } from "vitest";

import { acyclic, cutCycles } from "./acyclic";

describe("taking out cycles", () => {
  it("leaves what has none as it is", () => {
    const shared = { type: "string" };
    expect(acyclic({ a: shared, b: [shared, 1, null] })).toEqual({ a: shared, b: [shared, 1, null] });
  });

  it("puts words where a value would contain itself", () => {
    const value: Record<string, unknown> = { name: "x" };
    value["again"] = { inner: value };
    expect(acyclic(value)).toEqual({ name: "x", again: { inner: "(contains itself)" } });
  });

  it("stops where shared values would multiply without bound", () => {
    let value: unknown = "end";
    for (let depth = 0; depth < 40; depth++) value = { a: value, b: value };
    expect(JSON.stringify(acyclic(value)).length).toBeLessThan(1_000_000);
  });

  it("changes bindings and extensions only", () => {
    const schema: Record<string, unknown> = { type: "object" };
    schema["items"] = schema;
    const message = { payload: schema, "x-note": schema };
    const channel = { bindings: { ws: { query: schema } }, messages: { m: message } };
    cutCycles({ channels: { channel } });
    expect(channel.bindings.ws.query).toEqual({ type: "object", items: "(contains itself)" });
    expect(message["x-note"]).toEqual({ type: "object", items: "(contains itself)" });
    expect(message.payload).toBe(schema);
  });
});

it("extensions that share their parts are cut, all of them together, and so are deep ones", () => {
  let tree: object = { leaf: 1 };
  for (let level = 0; level < 30; level++) tree = { a: tree, b: tree };
  const document: Record<string, unknown> = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`x-${index}`, tree]));
  expect(cutCycles(document)).toBe(false);
  expect(JSON.stringify(document).length).toBeLessThan(10_000_000);
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level++) deep = [deep];
  expect(JSON.stringify(acyclic(deep))).toContain("too much to show");
});
