import { describe, expect, it } from "vitest";

import { applyTraits, mergePatch } from "./traits";

describe("JSON Merge Patch", () => {
  // The cases of RFC 7396, appendix A, whose target is an object on both sides.
  it.each([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [["a", "b"], ["c", "d"], ["c", "d"]],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  ])("of %j with %j is %j", (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result);
  });

  it("ends where both sides contain themselves", () => {
    const target: Record<string, unknown> = { a: 1 };
    target["self"] = target;
    const patch: Record<string, unknown> = { b: 2 };
    patch["self"] = patch;
    const result = mergePatch(target, patch) as any;
    expect(result).toMatchObject({ a: 1, b: 2 });
    expect(result.self).toBe(result);
  });
});

describe("traits", () => {
  const channel = { messages: {} };

  it("give an operation what it does not say itself", () => {
    const operation = { action: "send", channel, title: "own", traits: [{ title: "trait", summary: "trait" }] };
    applyTraits({ operations: { operation } });
    expect(operation).toMatchObject({ title: "own", summary: "trait" });
  });

  it("are applied in order, a later one over an earlier", () => {
    const message = { traits: [{ summary: "first", title: "first" }, { summary: "second" }] };
    applyTraits({ components: { messages: { message } } });
    expect(message).toMatchObject({ summary: "second", title: "first" });
  });

  it("are merged deeply: headers of both", () => {
    const message = {
      headers: { type: "object", properties: { own: {} } },
      traits: [{ headers: { type: "object", properties: { shared: {} } } }],
    };
    applyTraits({ channels: { c: { messages: { message } } } });
    expect(Object.keys(message.headers.properties).sort()).toEqual(["own", "shared"]);
  });

  it("keep shared definitions shared", () => {
    const schema = { type: "object" };
    const message = { payload: schema, traits: [{ summary: "x" }] };
    applyTraits({ components: { messages: { message } } });
    expect(message.payload).toBe(schema);
  });

  it("are applied once to a message that several channels share", () => {
    const message: Record<string, unknown> = { traits: [{ tags: [{ name: "a" }] }] };
    applyTraits({ channels: { a: { messages: { m: message } }, b: { messages: { m: message } } } });
    expect(message["tags"]).toEqual([{ name: "a" }]);
  });
});

it("traits that multiply stop when their budget is spent: what the object says itself stays", () => {
  const tree = (name: string): object => {
    let node: Record<string, unknown> = { title: name };
    for (let level = 0; level < 20; level++) node = { title: name, a: node, b: node, [name]: node };
    return node;
  };
  const traits = [tree("l"), tree("r")].map((headers) => ({ headers }));
  const message = { traits, name: "own", headers: { a: { title: "own" } } };
  const document = { components: { messages: { message } } };
  expect(applyTraits(document, 50)).toBe(false);
  expect(message).toMatchObject({ name: "own", headers: { a: { title: "own" } } });
});
