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

describe("a text that asks for more than its size", () => {
  const limits = { characters: 10_000, pieces: 1_000, aliases: 1_000 };

  it.each([
    ["open lists", "[".repeat(20_000)],
    ["lists in each other", "x: " + "[".repeat(20_000) + "]".repeat(20_000)],
    ["block lists on one line", "- ".repeat(5_000) + "a"],
    ["keys of keys", "? ".repeat(5_000) + "a"],
    ["open objects", "{a: ".repeat(5_000)],
  ])("is refused with its place where it is nested too deeply for the stack: %s", (_, text) => {
    const { title, where } = failure(text);
    expect(title).toContain("nested too deeply");
    expect(where).toMatch(/^line 1, column \d+$/);
  });

  it("is refused where it has too many characters, pieces, or aliases", () => {
    const said = (text: string): string => {
      try {
        parse(text, "application/yaml", limits);
      } catch (error) {
        return (error as Failure).details.explanation;
      }
      return "";
    };
    expect(said("x".repeat(10_001))).toContain("10,001 characters");
    expect(said("- a\n".repeat(1_000))).toContain("more than 1,000 pieces");
    expect(said("- &a 1\n" + "- *a\n".repeat(50))).toContain("50 aliases");
    expect(said("- a\n".repeat(100))).toBe("");
  });

  it("names the first of two members of one name, among thousands", () => {
    const lines = Array.from({ length: 5_000 }, (_, index) => `k${index}: 1`);
    expect(failure([...lines, "k7: 2", "k9: 3"].join("\n")).where).toBe("line 5001, column 1");
  });

  it("of thousands of mistakes is told the first", () => {
    expect(failure("a: b: c: ] }\n".repeat(1_000)).where).toMatch(/^line 1, /);
  });

  it("is told to be one of several documents, where it is", () => {
    expect(failure("a: 1\n---\nb: 2").title).toContain("not one document");
  });
});
