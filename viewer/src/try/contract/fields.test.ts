import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { describe, expect, it } from "vitest";

import { parse } from "../../document/parse";
import { prepare } from "../../document/prepare";
import { recognisedText } from "../check/recognise";
import { sampleText } from "../compose/sample";
import { contractOf, type Channel } from "./contract";

/** What chanspec writes for consumers whose messages are named by other fields than `action` and `type`. */
const GOLDEN = resolve(import.meta.dirname, "../../../../tests/documents/golden/fields.yaml");
const { channels } = contractOf(prepare(parse(readFileSync(GOLDEN, "utf8"), "application/yaml")).schema, "server");

function channel(id: string): Channel {
  const found = channels.find((each) => each.id === id);
  if (found === undefined) throw new Error(id);
  return found;
}

function draft(id: string, title: string): unknown {
  const [message] = channel(id).actions.find((action) => action.title === title)?.messages ?? [];
  if (message === undefined) throw new Error(title);
  return JSON.parse(sampleText(message));
}

function told(id: string, value: unknown): string {
  const { judgement, message, mistakes } = recognisedText(JSON.stringify(value), channel(id).receives);
  return `${message?.title ?? "?"} ${judgement} ${mistakes.map(({ reason }) => reason).join()}`.trim();
}

describe("a message that is named by a field of the consumer's own", () => {
  it("is drafted with that field", () => {
    expect(draft("commanded", "move")).toEqual({ command: "move", x: 0 });
    expect(draft("commanded", "stop.now")).toEqual({ command: "stop.now" });
    expect(draft("both", "move")).toEqual({ action: "move", x: 0 });
    expect(draft("enveloped", "move")).toEqual({ type: "move", data: { x: 0 } });
  });

  it("is recognised by that field", () => {
    expect(told("commanded", { msg_type: "moved", x: 1 })).toBe("moved right");
    expect(told("commanded", { msg_type: "moved" })).toBe("moved mismatch lacks “x”");
    expect(told("both", { action: "moved", x: 1 })).toBe("moved right");
    expect(told("enveloped", { type: "moved", data: { x: 1 } })).toBe("moved right");
  });

  it("is called by that field where nobody knows it", () => {
    const nobody = "? undocumented is no message that the document describes: ";
    expect(told("commanded", { type: "car", msg_type: "gone" })).toBe(`${nobody}msg_type “gone”`);
    expect(told("commanded", { type: "moved", x: 1 })).toBe(`${nobody}type “moved”`);
  });
});

describe("a message that no field names", () => {
  it("is drafted as its payload, of whatever type", () => {
    expect(draft("unnamed", "move")).toEqual({ x: 0 });
    expect(draft("unnamed", "add")).toEqual([]);
    expect(draft("unnamed", "tree")).toEqual({ name: "text" });
    expect(draft("unnamed", "headed")).toEqual({ header: { kind: "move" }, body: { x: 0 } });
  });

  it("is recognised by its schema", () => {
    expect(told("unnamed", 3)).toBe("sum right");
    expect(told("unnamed", { name: "root", children: [{ name: "leaf" }] })).toBe("node right");
    expect(told("unnamed", { name: 1 })).toContain("node mismatch");
  });
});
