import { describe, expect, it } from "vitest";

import type { Message } from "../contract/contract";
import { constantsOf } from "../contract/schemaFacts";
import { mistakesOf, obstacleOf } from "./check";
import { isSafePattern } from "./patterns";
import { recognisedText } from "./recognise";

function message(payload: unknown, id = "m"): Message {
  return { id, title: id, payload, constants: constantsOf(payload), examples: [], correlation: undefined, isText: false };
}

const found = (payload: unknown, value: unknown): string[] => mistakesOf(message(payload), value).map(({ path, reason }) => `${path} ${reason}`);

describe("checking", () => {
  it("names the place and the reason, and nothing twice", () => {
    const schema = { type: "object", required: ["a"], properties: { b: { type: "array", items: { type: "integer", minimum: 1 } } } };
    expect(found(schema, { b: [1, "x", 0] })).toEqual([" lacks “a”", "/b/1 is a string, not an integer", expect.stringContaining("/b/2")]);
    expect(found(schema, { a: 1, b: [1] })).toEqual([]);
  });

  it.each([
    [{ minLength: 1 }, "", " is empty"],
    [{ minLength: 3 }, "ab", " is too short: 2 characters, at least 3 are needed"],
    [{ maxLength: 1 }, "ab", " is too long: 2 characters, at most 1 are allowed"],
    [{ minItems: 1 }, [], " has too few items: 0, at least 1 are needed"],
    [{ maxItems: 1 }, [1, 2], " has too many items: 2, at most 1 are allowed"],
    [{ minimum: 1 }, -0.5, " is -0.5, at least 1 is needed"],
    [{ maximum: 1 }, 2, " is 2, at most 1 is allowed"],
    [{ exclusiveMinimum: 1 }, 1, " is 1, more than 1 is needed"],
    [{ exclusiveMaximum: 1 }, 1, " is 1, less than 1 is needed"],
    [{ multipleOf: 2 }, 3, " is 3, not a multiple of 2"],
    [{ minProperties: 1 }, {}, " has too few members, at least 1 are needed"],
    [{ maxProperties: 0 }, { a: 1 }, " has too many members, at most 0 are allowed"],
  ])("says in words what %j demands", (schema, value, reason) => {
    expect(found(schema, value)).toEqual([reason]);
  });

  it("says of a union what its likeliest alternative lacks", () => {
    const card = { type: "object", required: ["number"], properties: { number: { type: "string" }, kind: { const: "card" } } };
    const schema = { type: "object", properties: { pay: { anyOf: [card, { type: "null" }] } } };
    expect(found(schema, { pay: { number: 1 } })).toEqual(["/pay/number is a number, not a string"]);
  });

  it("follows schemas that contain themselves", () => {
    const node: Record<string, unknown> = { type: "object", required: ["name"], properties: { name: { type: "string" } } };
    (node["properties"] as Record<string, unknown>)["next"] = node;
    expect(found(node, { name: "a", next: { name: "b", next: { name: 1 } } })).toEqual(["/next/next/name is a number, not a string"]);
  });

  it("reads list schemas of draft 7 and of 2020-12", () => {
    expect(found({ items: [{ type: "string" }, { type: "integer" }] }, ["a", "b"])).toHaveLength(1);
    expect(found({ prefixItems: [{ type: "string" }], items: { type: "integer" } }, ["a", "b"])).toHaveLength(1);
  });

  it("says that a schema without an end cannot be checked, instead of hanging", () => {
    const endless: Record<string, unknown> = {};
    endless["allOf"] = [endless];
    expect(obstacleOf(message(endless))).toBe("its schema has no end");
    let bomb: object = { type: "string" };
    for (let level = 0; level < 40; level++) bomb = { anyOf: [bomb, bomb] };
    expect(obstacleOf(message(bomb))).toBe("its schema has no end");
  });

  it("is not misled by names that objects inherit", () => {
    expect(found({ type: "object", properties: { constructor: { type: "string" } } }, {})).toEqual([]);
    expect(found({ type: "object", required: ["toString"] }, {})).toHaveLength(1);
    expect(found({ type: "object", additionalProperties: false }, JSON.parse('{"__proto__": 1}'))).not.toEqual([]);
  });

  it("ignores identifiers and references that a document smuggles into a schema", () => {
    expect(obstacleOf(message({ $id: "http://[", type: "string" }))).toBe("");
    expect(found({ $id: "x", properties: { a: { $ref: "http://evil.invalid/x" } } }, { a: 1 })).toEqual([]);
  });

  it("survives a frame nested deeper than the stack", () => {
    const node: Record<string, unknown> = {};
    node["properties"] = { a: node };
    let value: unknown = 1;
    for (let level = 0; level < 20_000; level++) value = { a: value };
    expect(found(node, value)).toEqual([" is nested too deeply to be checked"]);
  });
});

it.each([
  ["^[A-Z]{3}-\\d+$", true],
  ["^(?:[a-z]+-)?[a-z]+$", true],
  ["(a+)+$", false],
  ["(a|a)*b", false],
  ["^([a-z]+)*$", false],
  ["(", false],
  ["\\(a+\\)+", true],
])("the pattern %s may run: %s", (pattern, safe) => {
  expect(isSafePattern(pattern)).toBe(safe);
});

describe("recognising", () => {
  const tick = message({ type: "object", required: ["type", "n"], properties: { type: { const: "tick" }, n: { type: "integer" } } }, "tick");
  const said = message({ type: "object", required: ["type"], properties: { type: { const: "said" } } }, "said");
  const plain = message({ type: "object", required: ["free"], properties: { free: { type: "string" } } }, "plain");
  const judged = (text: string, messages = [tick, said]): [string, string | undefined] => {
    const { judgement, message: known } = recognisedText(text, messages);
    return [judgement, known?.id];
  };

  it("knows a message by its constant, right or wrong", () => {
    expect(judged('{"type": "tick", "n": 1}')).toEqual(["right", "tick"]);
    expect(judged('{"type": "tick"}')).toEqual(["mismatch", "tick"]);
    expect(judged('{"type": "other"}')).toEqual(["undocumented", undefined]);
  });

  it("knows a message without a constant by checking it", () => {
    expect(judged('{"free": "x"}', [tick, plain])).toEqual(["right", "plain"]);
    expect(judged('{"free": 1}', [plain])).toEqual(["mismatch", "plain"]);
    expect(judged('{"free": 1}', [tick, plain])).toEqual(["undocumented", undefined]);
  });

  it("marks what is not JSON, except where text is what is described", () => {
    expect(judged("hello")).toEqual(["undocumented", undefined]);
    expect(judged("hello", [{ ...message({ type: "string" }, "text"), isText: true }])).toEqual(["right", "text"]);
  });

  it("takes a message whose payload is not described as it comes", () => {
    expect(judged("[1]", [message(undefined, "any")])).toEqual(["right", "any"]);
  });
});
