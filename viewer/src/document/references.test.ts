import { describe, expect, it } from "vitest";

import { Failure } from "./failure";
import { resolveReferences } from "./references";

function failure(document: Record<string, unknown>): Failure {
  try {
    resolveReferences(document);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("local references", () => {
  it("become the object they name, one object for all of them", () => {
    const result = resolveReferences({ a: { $ref: "#/c/x" }, b: { $ref: "#/c/x" }, c: { x: { y: 1 } } }) as any;
    expect(result.a).toEqual({ y: 1 });
    expect(result.a).toBe(result.b);
    expect(result.a).toBe(result.c.x);
  });

  it("to a definition that contains itself become an object that contains itself", () => {
    const person = { properties: { friend: { $ref: "#/schemas/person" } } };
    const result = resolveReferences({ schemas: { person } }) as any;
    expect(result.schemas.person.properties.friend).toBe(result.schemas.person);
  });

  it("are followed through other references, also in the middle of a pointer", () => {
    const result = resolveReferences({
      first: { $ref: "#/second" },
      second: { $ref: "#/third" },
      third: { deep: { value: 1 } },
      through: { $ref: "#/first/deep" },
    }) as any;
    expect(result.first).toBe(result.third);
    expect(result.through).toBe(result.third.deep);
  });

  it("understand the escapes of JSON Pointer and of URIs", () => {
    const result = resolveReferences({
      channels: { "/ws/a~b c": { address: "/ws" } },
      x: { $ref: "#/channels/~1ws~1a~0b%20c" },
    }) as any;
    expect(result.x).toBe(result.channels["/ws/a~b c"]);
  });

  it("keep the order of the document", () => {
    const source = { z: { $ref: "#/m" }, default: { q: 1 }, a: 1, m: { b: 1, a: 2 } };
    expect(Object.keys(resolveReferences(source))).toEqual(["z", "default", "a", "m"]);
  });

  it("leave the source as it was", () => {
    const source = { a: { $ref: "#/b" }, b: { c: 1 } };
    resolveReferences(source);
    expect(source).toEqual({ a: { $ref: "#/b" }, b: { c: 1 } });
  });

  it("are not looked for in examples, defaults, constants and choices", () => {
    const data = { $ref: "not a reference" };
    const source = { x: { default: data, const: data, enum: [data], examples: [{ payload: data }] } };
    expect(resolveReferences(source)).toEqual(source);
  });

  it("are looked for under a property or a schema that is only named like those", () => {
    const result = resolveReferences({
      properties: { default: { $ref: "#/target" }, examples: { $ref: "#/target" } },
      target: { type: "string" },
    }) as any;
    expect(result.properties.default).toBe(result.target);
    expect(result.properties.examples).toBe(result.target);
  });

  it("are not a property that is named $ref", () => {
    const source = { properties: { $ref: { type: "string" } } };
    expect(resolveReferences(source)).toEqual(source);
  });

  it("never reach what an object inherits", () => {
    expect(failure({ x: { $ref: "#/constructor/prototype" } }).details.items).toEqual([
      "#/constructor/prototype (at #/x)",
    ]);
  });

  it("survive a member named __proto__", () => {
    const source = JSON.parse('{"__proto__": {"polluted": true}}') as Record<string, unknown>;
    resolveReferences(source);
    expect(({} as any).polluted).toBeUndefined();
  });

  it("do not exhaust the stack in a document that is nested very deeply", () => {
    let source: Record<string, unknown> = {};
    for (let depth = 0; depth < 100_000; depth++) source = { a: source };
    expect(Object.keys(resolveReferences(source))).toEqual(["a"]);
  });
});

describe("references that cannot be resolved", () => {
  it("are named with their place where they lead nowhere", () => {
    const { title, items } = failure({ x: [{ $ref: "#/nowhere" }] }).details;
    expect(title).toContain("does not contain");
    expect(items).toEqual(["#/nowhere (at #/x/0)"]);
  });

  it("are named where they lead to themselves", () => {
    expect(failure({ a: { $ref: "#/b" }, b: { $ref: "#/a" } }).details.items).toHaveLength(2);
    expect(failure({ a: { $ref: "#/a" } }).details.items).toEqual(["#/a (at #/a)"]);
    expect(failure({ a: { $ref: "#/b/c" }, b: { $ref: "#/a/d" } }).details.items?.length).toBeGreaterThan(0);
  });

  it("are named where they lead to another file, with the command that joins the files", () => {
    const { title, items, command } = failure({ x: { $ref: "./other.yaml#/y" }, y: { $ref: "https://h/z" } }).details;
    expect(title).toContain("other files");
    expect(items).toEqual(["./other.yaml#/y (at #/x)", "https://h/z (at #/y)"]);
    expect(command).toContain("bundle");
  });

  it("are counted where there are too many to list", () => {
    const many = Array.from({ length: 25 }, (_, index) => ({ $ref: `#/no/${index}` }));
    const items = failure({ many }).details.items ?? [];
    expect(items).toHaveLength(11);
    expect(items.at(-1)).toBe("and 15 more");
  });
});

describe("references upon references", () => {
  it("of ten thousand in a row are followed once", () => {
    const schemas: Record<string, unknown> = { S10000: { type: "string" } };
    for (let index = 0; index < 10_000; index++) schemas[`S${index}`] = { $ref: `#/schemas/S${index + 1}` };
    const result = resolveReferences({ schemas, x: { $ref: "#/schemas/S0" } }) as any;
    expect(result.x).toBe(result.schemas.S10000);
    expect(result.schemas.S5000).toBe(result.x);
  });

  it("through two others each, thirty levels deep, are followed once", () => {
    const root: Record<string, any> = { R30: { p: { q: { type: "string" } } } };
    for (let level = 0; level < 30; level++) root[`R${level}`] = { p: { $ref: `#/R${level + 1}/p` }, r: { $ref: `#/R${level + 1}/p/q` } };
    const result = resolveReferences(root) as any;
    expect(result.R0.p.q).toEqual({ type: "string" });
  });

  it("through too many others lead nowhere", () => {
    const root: Record<string, any> = { R200: { p: {} } };
    for (let level = 0; level < 200; level++) root[`R${level}`] = { $ref: `#/R${level + 1}/p` };
    expect(failure(root).details.title).toContain("does not contain");
  });

  it("that lead nowhere are named shortly, and counted", () => {
    const long = "n".repeat(10_000);
    const items = failure({ [long]: Array.from({ length: 50 }, (_, index) => ({ $ref: `#/none${index}/${long}` })) }).details.items ?? [];
    expect(items.at(-1)).toBe("and 40 more");
    expect(items.join("").length).toBeLessThan(6_000);
  });
});
