import { describe, expect, it, vi } from "vitest";

import { Budget } from "../../document/budget";
import type { Message } from "../contract/contract";
import { Secrets } from "../log/redact";
import { suggestionsAt } from "./completion";
import { alternativeOf, fieldOf, titleOf } from "./fields";
import { compact, inexactNumber, placeAt, pretty, spansOf, syntaxMistake } from "./jsonText";
import { draftFor, sample } from "./sample";
import { Seen } from "./seen";
import { snippetsOf, type Subject } from "./snippets";
import { ABSENT, withValue } from "./values";

describe("a generated example", () => {
  it("has what is required, by type, format and bounds", () => {
    const schema = {
      type: "object",
      required: ["a", "b", "c", "d", "e", "f"],
      properties: {
        a: { const: "x" },
        b: { type: "integer", exclusiveMinimum: 4 },
        c: { type: "string", format: "uuid" },
        d: { type: "array", minItems: 2, items: { enum: ["one", "two"] } },
        e: { anyOf: [{ type: "string", minLength: 6 }, { type: "null" }] },
        f: { allOf: [{ type: "object", required: ["g"], properties: { g: { type: "boolean" } } }] },
        h: { type: "string" },
      },
    };
    expect(sample(schema)).toEqual({ a: "x", b: 5, c: expect.stringMatching(/^[0-9a-f-]{36}$/), d: ["one", "one"], e: "textxx", f: { g: false } });
  });

  it("is made on pages that came over plain HTTP, too", () => {
    const { crypto } = globalThis;
    vi.stubGlobal("crypto", { getRandomValues: (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes) });
    expect(sample({ type: "string", format: "uuid" })).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    vi.unstubAllGlobals();
  });

  it("of a type that requires itself ends", () => {
    const node: Record<string, unknown> = { type: "object", required: ["next", "other"] };
    node["properties"] = { next: node, other: node };
    expect(JSON.stringify(sample(node)).length).toBeLessThan(10_000);
  });

  it("keeps a member called __proto__ a member", () => {
    const made = sample(JSON.parse('{"type":"object","required":["__proto__"],"properties":{"__proto__":{"const":1}}}'));
    expect(JSON.stringify(made)).toBe('{"__proto__":1}');
  });
});

describe("a text of JSON", () => {
  it("is shown a value a line, with numbers and repeated names as they came", () => {
    const text = '{"id":9007199254740993,"f":1.0,"f":2,"s":"a{,\\"","none":{},"list":[ ],"rows":[[1],{"a":null}]}';
    expect(pretty(text)).toBe(
      '{\n  "id": 9007199254740993,\n  "f": 1.0,\n  "f": 2,\n  "s": "a{,\\"",\n  "none": {},\n  "list": [],\n' +
        '  "rows": [\n    [\n      1\n    ],\n    {\n      "a": null\n    }\n  ]\n}',
    );
    expect(compact(pretty(text))).toBe(compact(text));
  });

  it.each([{ a: [1, { b: "c" }], d: {}, e: [[]], f: "x" }, [], {}, "x", 1, null, [[1, 2], [3]]])("is shown as other programs show it: %j", (value) => {
    expect(pretty(JSON.stringify(value))).toBe(JSON.stringify(value, undefined, 2));
  });

  it("stays as it is where it is no JSON", () => {
    expect(pretty("{not json")).toBe("{not json");
  });

  it("that is nested deeply is shown without drowning in spaces", () => {
    const deep = `${'{"a":'.repeat(3_000)}1${"}".repeat(3_000)}`;
    expect(pretty(deep).length).toBeLessThan(deep.length * 40);
    expect(compact(pretty(deep))).toBe(deep);
  });

  it.each([
    ['{"a": 9007199254740993}', "9007199254740993"],
    ['{"a": 12345678901234567890}', "12345678901234567890"],
    ['[0.12345678901234567890]', "0.12345678901234567890"],
    ['[1e999]', "1e999"],
    ['{"a": 9007199254740992, "b": -1.5e300, "c": 0.1, "d": 1.0}', undefined],
    ['{"12345678901234567890": "12345678901234567890"}', undefined],
  ])("that a form would change is known: %s", (text, number) => {
    expect(inexactNumber(text)).toBe(number);
  });
});

describe("a form field", () => {
  it.each([
    [{ type: "string" }, "string", false],
    [{ type: ["string", "null"] }, "string", true],
    [{ anyOf: [{ type: "integer" }, { type: "null" }] }, "number", true],
    [{ enum: ["a", null] }, "choice", true],
    [{ oneOf: [{ type: "string" }, { type: "integer" }] }, "union", false],
    [{ type: ["string", "integer"] }, "union", false],
    [{ properties: { a: {} } }, "object", false],
    [{ allOf: [{ type: "object" }] }, "object", false],
    [{ type: "null" }, "choice", false],
    [{}, "json", false],
    [true, "json", false],
  ])("for %j is a %s, nullable: %s", (schema, kind, isNullable) => {
    expect(fieldOf(schema)).toMatchObject({ kind, isNullable });
  });

  it("of a union knows which alternative a value is", () => {
    const alternatives = [
      { type: "object", title: "A", required: ["a"], properties: { a: { type: "string" } } },
      { type: "object", title: "B", required: ["b"], properties: { b: { type: "string" } } },
    ];
    expect(alternativeOf(alternatives, { b: "x" })).toBe(1);
    expect(alternatives.map((each, index) => titleOf(each, index))).toEqual(["A", "B"]);
  });
});

it("changes one place of a value and leaves the rest, and the original, alone", () => {
  const before = { a: [1, { b: 2 }], c: 3 };
  expect(withValue(before, ["a", 1, "b"], 4)).toEqual({ a: [1, { b: 4 }], c: 3 });
  expect(withValue(before, ["a", 0], ABSENT)).toEqual({ a: [{ b: 2 }], c: 3 });
  expect(withValue(before, ["c"], ABSENT)).toEqual({ a: [1, { b: 2 }] });
  expect(withValue(undefined, ["x", 0, "y"], 1)).toEqual({ x: [{ y: 1 }] });
  expect(before).toEqual({ a: [1, { b: 2 }], c: 3 });
});

describe("JSON as text", () => {
  it("is sent without spaces, its numbers as they were written", () => {
    expect(compact('{ "a": 12345678901234567890, "b": "x  \\" y", "c": 1.0 }')).toBe('{"a":12345678901234567890,"b":"x  \\" y","c":1.0}');
    expect(compact("{ broken")).toBe("{ broken");
  });

  it("has a place for every value", () => {
    const text = '{"a": [1, {"b~/": "x"}]}';
    const spans = spansOf(text);
    const at = (path: string): string => text.slice(spans.get(path)?.from, spans.get(path)?.to);
    expect([at("/a/0"), at("/a/1/b~0~1"), at("/a"), at("")]).toEqual(["1", '"x"', '[1, {"b~/": "x"}]', text]);
  });

  it.each([
    ['{"a": 1, "', { path: [], isKey: true, names: ["a"] }],
    ['{"a": {"b": "', { path: ["a", "b"], isKey: false }],
    ['{"a": [1, ', { path: ["a", "1"], isKey: false }],
    ['{"a": {"b": 1}, ', { path: [], isKey: true, names: ["a"] }],
  ])("knows what is written at the end of %s", (text, place) => {
    expect(placeAt(text, text.length)).toMatchObject(place);
  });

  it("says where its syntax is wrong", () => {
    expect(syntaxMistake('{"a": 1}')).toBeUndefined();
    expect(syntaxMistake('{"a": nope}')).toMatchObject({ reason: "is not valid JSON here" });
    expect(syntaxMistake(" ")?.reason).toBe("is empty");
  });
});

describe("completion", () => {
  const schema = {
    type: "object",
    required: ["mood"],
    properties: { mood: { enum: ["good", "bad"] }, ride_id: { type: "string" }, ok: { type: "boolean" }, list: { type: "array", items: { properties: { deep: {} } } } },
  };
  const labels = (text: string, seen = new Seen()): string[] => suggestionsAt(schema, text, text.length, seen)?.options.map(({ label }) => label) ?? [];

  it("offers the members that are not there yet", () => {
    expect(labels('{"mood": "good", ')).toEqual(['"ride_id"', '"ok"', '"list"']);
    expect(labels('{"list": [{')).toEqual(['"deep"']);
  });

  it("offers choices, constants and what the server sent", () => {
    const seen = new Seen();
    seen.add({ nested: [{ ride_id: "r-1" }], secret: "hidden-thing" }, new Secrets());
    expect(labels('{"mood": ')).toEqual(['"good"', '"bad"']);
    expect(labels('{"ok": ')).toEqual(["true", "false"]);
    expect(labels('{"ride_id": ', seen)).toEqual(['"r-1"']);
  });
});

it("what was seen is bounded and holds no secret", () => {
  const seen = new Seen();
  const secrets = new Secrets();
  secrets.add("token-1");
  seen.add({ a: "token-1", b: "x".repeat(1_000) }, secrets);
  for (let index = 0; index < 50; index++) seen.add({ c: index }, secrets);
  expect([seen.of("a"), seen.of("b"), seen.of("c").length]).toEqual([[], [], 8]);
  for (let index = 0; index < 1_000; index++) seen.add({ [`n${index}`]: 1 }, secrets);
  expect(seen.of("n999")).toEqual([]);
});

describe("snippets", () => {
  const subject: Subject = { address: "ws://h/?token=•••", subprotocol: "", text: '{"a":"it\'s </script> $(x) `y`"}', cookie: "", origin: "https://o", hasToken: true };
  const code = (id: string, changes: Partial<Subject> = {}): string => snippetsOf({ ...subject, ...changes }).find((each) => each.id === id)?.code ?? "";

  it("take the token from outside", () => {
    expect(code("javascript")).toContain('new WebSocket("ws://h/?token=" + encodeURIComponent(token))');
    expect(code("python")).toContain('"ws://h/?token=" + quote(os.environ["TOKEN"], safe="")');
    expect(code("websocat")).toContain(`'ws://h/?token='"$TOKEN"`);
    expect(code("python", { cookie: "sessionid" })).toContain('"sessionid=" + os.environ["COOKIE"]');
  });

  it("authenticate first where a message does that", () => {
    const first = '{"action":"authenticate","token":"•••"}';
    expect(code("python", { first })).toMatch(/socket\.send\(.*authenticate.*\)\n.*socket\.send\(.*it's/);
    expect(code("javascript", { first })).toMatch(/socket\.send\([^]*authenticate[^]*\);\n.*socket\.send\([^]*it's/);
    expect(code("websocat", { first })).toContain(`printf '%s\\n' '${first}' '{"a":`);
  });

  it("quote what a document could break out with", () => {
    expect(code("websocat")).toContain(`printf '%s\\n' '{"a":"it'\\''s </script> $(x) \`y\`"}'`);
    expect(code("websocat", { address: "ws://h/'; rm -rf ~; '" })).toContain(`'ws://h/'\\''; rm -rf ~; '\\'''`);
    expect(code("javascript")).not.toContain("</script>");
    const hostile = '"); import("//evil"); ("';
    expect(() => new Function(code("javascript", { text: hostile }))).not.toThrow();
    expect(code("javascript", { text: hostile })).toContain(JSON.stringify(hostile));
    expect(code("python", { text: '"\n"""' })).toContain(String.raw`"\"\n\"\"\""`);
  });

  it("send a message that is not JSON as text", () => {
    expect(code("javascript", { text: "{broken" })).toContain('socket.send("{broken")');
    expect(code("javascript", { text: '{"__proto__":1}' })).toContain(String.raw`socket.send("{\"__proto__\":1}")`);
  });
});

describe("a sample of a schema that asks for too much", () => {
  const message = (payload: unknown, examples: unknown[] = []): Message => ({
    id: "m",
    title: "m",
    payload,
    constants: new Map(),
    examples: examples.map((each) => ({ name: "e", payload: each })),
    correlation: undefined,
    isText: false,
  });

  it("is cut, and says so: eight required references, twelve levels deep", () => {
    let schema: object = { type: "string" };
    for (let level = 0; level < 12; level++) {
      const properties = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`p${index}`, schema]));
      schema = { type: "object", required: Object.keys(properties), properties };
    }
    const { text, note } = draftFor(message(schema));
    expect(text.length).toBeLessThan(200_000);
    expect(note).toContain("too large to be made");
  });

  it("is cut where arrays in arrays ask for a thousand items each", () => {
    let schema: object = { type: "string" };
    for (let level = 0; level < 8; level++) schema = { type: "array", minItems: 1_000, items: schema };
    expect(draftFor(message(schema)).note).toContain("too large to be made");
  });

  it("takes bounds that are none for none", () => {
    expect(sample({ type: "string", minLength: "x", maxLength: [] })).toBe("text");
    expect(sample({ type: "array", minItems: "x", items: {} })).toEqual([]);
  });

  it("stands in for an example that is too large to be edited", () => {
    const { text, note } = draftFor(message({ type: "object" }, [Array.from({ length: 500_000 }, () => 0)]), 0);
    expect([text, note]).toEqual(["{}", expect.stringContaining("too large to be edited")]);
  });

  it("of an alternative that spends all steps leaves the first", () => {
    const alternatives = Array.from({ length: 5_000 }, (_, index) => ({ properties: { kind: { const: index } } }));
    expect(alternativeOf(alternatives, { kind: 4_000 }, new Budget(100))).toBe(0);
    expect(alternativeOf(alternatives, { kind: 4_000 })).toBe(4_000);
  });
});
