import { describe, expect, it } from "vitest";

import type { Message } from "../contract/contract";
import { constantsOf } from "../contract/schemaFacts";
import { Budget } from "../../document/budget";
import { checked } from "./check";
import { patternOf } from "./pattern";
import { recognisedText } from "./recognise";

function message(payload: unknown, id = "m"): Message {
  return { id, title: id, payload, constants: constantsOf(payload), examples: [], correlation: undefined, isText: false };
}

const found = (payload: unknown, value: unknown): string[] => checked(message(payload), value).mistakes.map(({ path, reason }) => `${path} ${reason}`);
const obstacleOf = (payload: unknown, value: unknown): string => checked(message(payload), value).obstacle;

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
    expect(obstacleOf(endless, 1)).toBe("its schema has no end");
    let bomb: object = { type: "string" };
    for (let level = 0; level < 40; level++) bomb = { anyOf: [bomb, bomb] };
    expect(obstacleOf(bomb, 1)).toBe("it would take more than 200,000 steps");
  });

  it("is not misled by names that objects inherit", () => {
    expect(found({ type: "object", properties: { constructor: { type: "string" } } }, {})).toEqual([]);
    expect(found({ type: "object", required: ["toString"] }, {})).toHaveLength(1);
    expect(found({ type: "object", additionalProperties: false }, JSON.parse('{"__proto__": 1}'))).not.toEqual([]);
  });

  it("ignores identifiers and references that a document smuggles into a schema", () => {
    expect(obstacleOf({ $id: "http://[", type: "string" }, "a")).toBe("");
    expect(found({ $id: "x", properties: { a: { $ref: "http://evil.invalid/x" } } }, { a: 1 })).toEqual([]);
  });

  it("survives a frame nested deeper than the stack", () => {
    const node: Record<string, unknown> = {};
    node["properties"] = { a: node };
    let value: unknown = 1;
    for (let level = 0; level < 20_000; level++) value = { a: value };
    expect(obstacleOf(node, value)).toBe("it is nested too deeply");
  });
});

describe("a pattern", () => {
  const matches = (pattern: string, text: string): boolean | undefined => patternOf(pattern)?.test(text, new Budget(200_000));

  const patterns = [
    ...["^[A-Z]{3}-\\d+$", "^(?:[a-z]+-)?[a-z]+$", "(a+)+$", "(a|a)*b", "^([a-z]+)*$", "\\(a+\\)+", "", "a{2}", "^a{2,}$", "^a{1,3}$"],
    ...["^(?=.*\\d)(?=.*[a-z]).{4,}$", "^(?!ab)", "\\bab\\b", "a\\Bb", "^.$", "^\\u{1F600}$", "^\\p{L}+$", "[^\\w-]", "^(?<name>a)b?$"],
    ...["^[\\]a]+$", "a|b|^$", "(|a)+b", "^(a?){3}$", "a*?b", "x*", "(?:)", "^\\S+@\\S+\\.\\S+$", "\\.", "[\\d.]+", "\\x61", "^\\cJ$"],
  ];
  const texts = ["", "a", "b", "ab", "aab", "aaa", "aaaa", "ABC-12", "abc-d", "(aa)", "a1bc", "x ab y", "😀", "é", "ab\n", "a@b.c", "-", "1.5", "]a", "\n"];

  it.each(patterns)("matches what the browser's own engine does: %s", (pattern) => {
    for (const text of texts) expect([text, matches(pattern, text)]).toEqual([text, new RegExp(pattern, "u").test(text)]);
  });

  it.each(["(", "a**", "(a)\\1", "(?<=a)b", "(?<n>a)\\k<n>", "\\p{No}{", `a{5000}`, "(?:(?:a{1,100}){1,100}){1,100}", "(".repeat(100) + ")".repeat(100)])(
    "is not followed where it is none, or asks for too much: %s",
    (pattern) => {
      expect(patternOf(pattern)).toBeUndefined();
    },
  );

  it.each(["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^(.*a){12}$", "^a*a*a*a*a*a*a*a*b$", "^(([a-z])+.)+[A-Z]([a-z])+$", "^([\\w-]+\\.?)+@([\\w-]+\\.)+$", "(x+x+)+y"])(
    "that backtracks for ever elsewhere takes steps in proportion to the text: %s",
    (pattern) => {
      // Each of them takes the browser's own engine longer than anybody lives.
      expect(patternOf(pattern)?.test("a".repeat(300) + "!", new Budget(60_000))).toBe(false);
      expect(patternOf(pattern)?.test("x".repeat(300) + "!", new Budget(60_000))).toBe(false);
    },
  );

  it("of a document stops a check when its steps are spent, and says so", () => {
    const schema = { type: "string", pattern: "^(?=.*a)(?=.*b)(?=.*c)(.*x){20}$" };
    expect(obstacleOf(schema, "x".repeat(100_000))).toContain("steps");
  });
});

describe("a schema of others", () => {
  it("of which each alternative fails costs no more than its steps", () => {
    const union = { type: "array", items: { anyOf: ["a", "b", "c"].map((kind) => ({ type: "object", required: [kind] })) } };
    expect(obstacleOf(union, Array.from({ length: 100_000 }, () => ({})))).toContain("steps");
    expect(found(union, [{ a: 1 }, {}])).toEqual(["/1 lacks “a”"]);
  });

  it("finds repeated items among many, and among objects whatever their order", () => {
    const numbers = Array.from({ length: 50_000 }, (_, index) => index);
    expect(found({ uniqueItems: true }, numbers)).toEqual([]);
    expect(found({ uniqueItems: true }, [...numbers, 7])).toEqual([" has an item twice"]);
    expect(found({ uniqueItems: true }, [{ a: 1, b: [2] }, { b: [2], a: 1 }])).toEqual([" has an item twice"]);
    expect(found({ uniqueItems: true }, [1, "1", [1], ["1"], "[1]", null, "null"])).toEqual([]);
  });

  it("looks a choice up among many", () => {
    const choices = Array.from({ length: 50_000 }, (_, index) => `v${index}`);
    const schema = { type: "array", items: { enum: choices } };
    expect(found(schema, Array.from({ length: 5_000 }, () => "v49999"))).toEqual([]);
    expect(found(schema, ["x"])).toHaveLength(1);
    expect(found({ enum: [{ a: 1 }, [1]] }, [1])).toEqual([]);
  });

  it.each([
    [{ properties: { a: {} }, unevaluatedProperties: false }, { a: 1, b: 1 }, 1],
    [{ allOf: [{ properties: { a: {} } }], unevaluatedProperties: false }, { a: 1 }, 0],
    [{ anyOf: [{ properties: { a: { type: "string" } } }, { properties: { b: {} } }], unevaluatedProperties: false }, { a: 1, b: 1 }, 1],
    [{ prefixItems: [{}], unevaluatedItems: false }, [1, 2], 1],
    [{ contains: { type: "string" }, minContains: 2 }, ["a", 1], 1],
    [{ contains: { type: "string" } }, ["a", 1], 0],
    [{ if: { properties: { k: { const: 1 } } }, then: { required: ["x"] }, else: { required: ["y"] } }, { k: 1 }, 1],
    [{ if: { properties: { k: { const: 1 } } }, then: { required: ["x"] }, else: { required: ["y"] } }, { k: 2, y: 1 }, 0],
    [{ dependencies: { a: ["b"], c: { required: ["d"] } } }, { a: 1, c: 1 }, 2],
    [{ dependentRequired: { a: ["b"] } }, { a: 1 }, 1],
    [{ patternProperties: { "^x": { type: "string" } }, additionalProperties: false }, { x1: 1, y: 1 }, 2],
    [{ propertyNames: { maxLength: 1 } }, { ab: 1 }, 1],
    [{ oneOf: [{ type: "number" }, { type: "integer" }] }, 1, 1],
    [{ not: { type: "string" } }, "a", 1],
    [{ multipleOf: 0.01 }, 19.99, 0],
    [{ multipleOf: 1e-300, minimum: 1e300 }, 1e300, 0],
    [{ type: ["integer", "null"] }, null, 0],
    [{ items: [{}], additionalItems: false }, [1, 2], 1],
    [{ format: "email" }, "nobody", 1],
    [{ format: "date-time" }, "2026-05-01T12:00:00Z", 0],
    [{ minimum: "x", required: "y", enum: 1, properties: [], anyOf: {}, pattern: 3 }, { y: 1 }, 0],
    [{ type: "object" }, { ["a".repeat(10)]: 1 }, 0],
    [false, 1, 1],
  ])("%j finds in %j mistakes: %d", (schema, value, count) => {
    expect(found(schema, value)).toHaveLength(count);
  });
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
