import { describe, expect, it } from "vitest";

import { sample, sampleDepth } from "./sampler";
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
    expect(sample(schema)).toEqual({ a: "string", b: 2 });
  });

  it("of a schema that contains itself ends", () => {
    const person: Record<string, any> = { type: "object", properties: { name: { type: "string" } } };
    person["properties"].friend = person;
    person["properties"].friends = { type: "array", items: person };
    expect(sample(person)).toMatchObject({ name: "string" });
  });

  it("of types that hold each other many times over stays small", () => {
    const types: Record<string, any>[] = Array.from({ length: 12 }, () => ({ type: "object", properties: {} }));
    types.forEach((type, index) => types.forEach((other, at) => (type["properties"][`p${index}_${at}`] = other)));
    expect(sampleDepth(types[0])).toBeLessThan(4);
    expect(JSON.stringify(sample(types[0]!)).length).toBeLessThan(100_000);
  });

  it("is as deep as it likes where that is cheap", () => {
    expect(sampleDepth({ type: "array", items: { type: "object" } })).toBe(10);
  });

  it("is bounded where alternatives lead back", () => {
    const one: Record<string, any> = { oneOf: [] };
    one["oneOf"].push(one, { type: "string" });
    expect(sampleDepth(one)).toBe(10);
  });
});
