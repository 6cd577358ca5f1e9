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
