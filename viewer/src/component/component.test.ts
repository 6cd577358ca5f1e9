import { describe, expect, it } from "vitest";

import { boundedSample } from "./sampler";
import { Budget } from "../document/budget";
import { htmlOf } from "./markdown";
import { printed } from "./printed";
import { imageAddress, linkAddress } from "./urls";
import { valuesOf, type SchemaModel } from "./values";

const BASE = "https://docs.example/docs/";

describe("addresses of a document", () => {
  it.each(["https://a.example/", "http://a", "mailto:a@b.c", "/here", "#anchor", "a/b"])("%s may be a link", (address) => {
    expect(linkAddress(address, BASE)).toBe(address);
  });

  it.each(["javascript:alert(1)", " javascript:alert(1)", "JAVASCRIPT:x", "java\nscript:x", "data:text/html,x", "blob:x", "vbscript:x", "", 1, null])(
    "%j may not",
    (address) => {
      expect(linkAddress(address, BASE)).toBeUndefined();
    },
  );

  it("of an image stay on the origin, or inside the document", () => {
    expect(imageAddress("/logo.png", BASE)).toBe("/logo.png");
    expect(imageAddress("data:image/png;base64,AAAA", BASE)).toBeDefined();
    expect(imageAddress("https://tracker.example/x.png", BASE)).toBeUndefined();
    expect(imageAddress("//tracker.example/x.png", BASE)).toBeUndefined();
    expect(imageAddress("data:text/html,x", BASE)).toBeUndefined();
  });
});

describe("what a schema's type leaves open", () => {
  const schema = (values: { format?: unknown; const?: unknown; enum?: unknown }): SchemaModel => ({
    format: () => values.format,
    const: () => values.const,
    enum: () => values.enum,
  });

  it.each([
    [{}, ""],
    [{ const: "ping" }, ' = "ping"'],
    [{ const: null }, " = null"],
    [{ enum: ["a", 1, null] }, ': "a" | 1 | null'],
    [{ format: "uuid" }, " (uuid)"],
    [{ format: { not: "text" } }, ""],
  ])("%j is said as %j", (values, said) => {
    expect(valuesOf(schema(values))).toBe(said);
  });

  it("is cut where it is long", () => {
    expect(valuesOf(schema({ enum: Array.from({ length: 100 }, (_, index) => `choice ${index}`) }))).toMatch(/… \d+ more$/);
    expect(valuesOf(schema({ const: "x".repeat(1000) })).length).toBeLessThan(100);
  });
});

describe("a generated example", () => {
  it("holds the fields of its schema", () => {
    const schema = { type: "object", properties: { a: { type: "string" }, b: { const: 2 } } };
    expect(boundedSample(schema)).toEqual({ value: { a: "string", b: 2 }, isCut: false });
  });

  it("keeps to the bounds of its schema", () => {
    const item = { type: "integer", minimum: 3 };
    const schema = { type: "array", minItems: 2, items: item, prefixItems: undefined };
    expect(boundedSample(schema)?.value).toEqual([3, 3]);
    expect(boundedSample({ type: "string", minLength: 12 })?.value).toHaveLength(12);
  });

  it("of a schema that contains itself ends, and is whole", () => {
    const person: Record<string, any> = { type: "object", properties: { name: { type: "string" } } };
    person["properties"].friend = person;
    person["properties"].friends = { type: "array", items: person };
    expect(boundedSample(person)).toMatchObject({ value: { name: "string" }, isCut: false });
  });

  it("of types that hold each other many times over stays small, and says that it is cut", () => {
    const types: Record<string, any>[] = Array.from({ length: 12 }, () => ({ type: "object", properties: {} }));
    types.forEach((type, index) => types.forEach((other, at) => (type["properties"][`p${index}_${at}`] = other)));
    const sample = boundedSample(types[0]!);
    expect(sample?.isCut).toBe(true);
    expect(JSON.stringify(sample?.value).length).toBeLessThan(100_000);
  });

  it("is bounded where alternatives lead back", () => {
    const one: Record<string, any> = { oneOf: [] };
    one["oneOf"].push(one, { type: "string" });
    expect(boundedSample(one)).toBeDefined();
  });

  it("of arrays in arrays that ask for a thousand items each is cut", () => {
    let schema: object = { type: "string" };
    for (let level = 0; level < 8; level++) schema = { type: "array", minItems: 1_000, items: schema };
    const sample = boundedSample(schema);
    expect(sample?.isCut).toBe(true);
    expect(JSON.stringify(sample?.value).length).toBeLessThan(100_000);
  });

  it("of conditions in conditions is cut, or not made", () => {
    let schema: object = { type: "object" };
    for (let level = 0; level < 30; level++) schema = { type: "object", if: schema, then: schema };
    expect(boundedSample(schema)).toBeUndefined();
  });

  it("is not made of a million parts", () => {
    const parts = Array.from({ length: 10_000 }, () => ({ type: "object" }));
    expect(boundedSample({ allOf: parts })).toBeUndefined();
  });

  it("of a text of two billion characters has fewer", () => {
    expect(String(boundedSample({ type: "string", minLength: 2e9 })?.value).length).toBeLessThan(1_000);
    expect(boundedSample({ type: "string", minLength: "x", maxLength: {} })?.value).toBe("string");
  });
});

describe("a printed value", () => {
  it("is indented JSON, without the parser's marks", () => {
    expect(printed({ a: [1, {}, []], "x-parser-schema-id": "S" })).toEqual({ text: JSON.stringify({ a: [1, {}, []] }, undefined, 2), cut: "" });
  });

  it("ends where it is too long, and says so", () => {
    const { text, cut } = printed(Array.from({ length: 100_000 }, (_, index) => index), 1_000);
    expect(text.length).toBeLessThan(1_100);
    expect(cut).toContain("too large");
  });

  it("ends where it is too deep, or contains itself", () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(printed(deep).cut).toContain("nested too deeply");
    const ring: Record<string, unknown> = {};
    ring["ring"] = ring;
    expect(printed(ring).text).toContain("contains itself");
  });
});

describe("Markdown", () => {
  const html = (text: string, each?: number): string | undefined => htmlOf(text, (code) => code, new Budget(10_000_000), each);

  it("is laid out", () => {
    expect(html("Some *words*, `code` and [a link](https://a.example/).\n\n- one\n- two")).toBe(
      '<p>Some <em>words</em>, <code>code</code> and <a href="https://a.example/">a link</a>.</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n',
    );
  });

  it("of a long text of many paragraphs costs what it is", () => {
    const paragraph = "Some *words* and `code`, [a link](/here) and **more**: https://a.example/ | and so on.\n\n";
    expect(html(paragraph.repeat(500))).toContain("<em>words</em>");
  });

  const hostile = ["*a_", "_a ", "a**", "[", "[a](", "![", "<", "<a ", "`a", "|a", "www.", "~~|<?", "\\|    ", "a<!--", "- a\n"];
  it.each(hostile)("of which each mark looks through all that follows stops when its budget is spent: %j", (unit) => {
    // A bound on work: were it not counted, the longest of them would take minutes.
    expect(html(unit.repeat(Math.ceil(50_000 / unit.length)), 60_000) === undefined).toBe(true);
  });

  it("that is nested more deeply than the stack is not laid out", () => {
    expect(html(">".repeat(20_000) + " a", Infinity)).toBeUndefined();
  });

  it("of many texts spends one budget", () => {
    const all = new Budget(10_000);
    const texts = Array.from({ length: 50 }, (_, index) => htmlOf(`${index} *a* `.repeat(20), (code) => code, all));
    expect(texts[0]).toBeDefined();
    expect(texts.at(-1)).toBeUndefined();
  });
});
