import { describe, expect, it } from "vitest";

import { Failure } from "./failure";
import { parse } from "./parse";

function failure(text: string, type = "application/yaml"): Failure["details"] {
  try {
    parse(text, type);
  } catch (error) {
    if (error instanceof Failure) return error.details;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("reading a document's text", () => {
  it("reads JSON by its type, or by its look", () => {
    expect(parse('{"a": 1}', "application/json; charset=utf-8")).toEqual({ a: 1 });
    expect(parse(' \n{"a": 1}', "text/plain")).toEqual({ a: 1 });
    expect(parse('{"a": 1}', "application/vnd.aai.asyncapi+json")).toEqual({ a: 1 });
  });

  it("reads YAML 1.2: no, on and dates are text, and 1_000 is no number", () => {
    expect(parse("a: no\nb: on\nc: 2024-01-01\nd: 1_000\ne: 0o10", "application/yaml")).toEqual({
      a: "no",
      b: "on",
      c: "2024-01-01",
      d: "1_000",
      e: 8,
    });
  });

  it("reads merge keys, which hand-written documents use", () => {
    expect(parse("a: &a {x: 1}\nb: {<<: *a, y: 2}", "")).toMatchObject({ b: { x: 1, y: 2 } });
  });

  it("says where YAML is wrong, with the line itself", () => {
    const { title, where, items } = failure("asyncapi: 3.0.0\ninfo:\n  title: a: b\n");
    expect(title).toBe("The document is not valid YAML");
    expect(where).toMatch(/^line 3, column \d+$/);
    expect(items).toEqual(["title: a: b"]);
  });

  it("says where JSON is wrong", () => {
    const { title, where } = failure('{\n  "a": 1,\n  "b": ]\n}', "application/json");
    expect(title).toBe("The document is not valid JSON");
    expect(where).toMatch(/^line 3, column \d+$/);
  });

  it("does not take YAML for JSON, but takes it where YAML is promised", () => {
    expect(failure('{"a": }', "application/json").title).toBe("The document is not valid JSON");
    expect(parse('{a: 1, # a comment\n}', "application/yaml")).toEqual({ a: 1 });
  });

  it("refuses two members of one name", () => {
    expect(failure("a: 1\nb: 2\na: 3").where).toBe("line 3, column 1");
  });

  it("refuses a small text that unfolds into a huge one", () => {
    const lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
    for (let i = 1; i < 9; i++) lines.push(`a${i}: &a${i} [${Array(10).fill(`*a${i === 1 ? "" : i - 1}`).join(", ")}]`);
    expect(failure(lines.join("\n")).title).toBe("The document is not valid YAML");
  });

  it("says that an empty document is empty", () => {
    expect(failure(" \n").title).toBe("The document is empty");
  });
});
