/**
 * Checks that the data are an AsyncAPI 3 document as far as the page relies on it, and says where they are not. The
 * full validation is the official parser's work, not the page's.
 */
import { counted, shortened } from "./budget";
import { Failure } from "./failure";
import { isObject, member, pointerOf, type JsonObject } from "./json";

export function asyncApi3(data: unknown): JsonObject {
  const version = member(data, "asyncapi");
  if (!isObject(data) || version === undefined || version === null) throw notAsyncApi(data);
  const text = String(version);
  if (/^3\.\d+\.\d+/.test(text)) return { ...data, asyncapi: text };
  if (/^[12]\./.test(text)) throw old(text);
  throw new Failure({
    title: `AsyncAPI ${text.slice(0, 40)} is not a version this page shows`,
    explanation: "It shows AsyncAPI 3 documents; their version is written in full, such as 3.0.0.",
    where: "#/asyncapi",
  });
}

function old(version: string): Failure {
  return new Failure({
    title: `This is an AsyncAPI ${version} document`,
    explanation: "This page shows AsyncAPI 3. Convert the document with the official AsyncAPI command line:",
    command: "npx @asyncapi/cli convert asyncapi.yaml --output asyncapi-3.yaml --target-version 3.0.0",
    where: "#/asyncapi",
  });
}

function notAsyncApi(data: unknown): Failure {
  const other = ["openapi", "swagger"].find((key) => member(data, key) !== undefined);
  return new Failure({
    title: "This is not an AsyncAPI document",
    explanation:
      other === undefined
        ? "An AsyncAPI document begins with a line such as “asyncapi: 3.0.0”; this one has no such member."
        : "It is an OpenAPI document: that describes HTTP requests, not messages.",
    where: "#",
  });
}

type Kind = "object" | "list" | "text";

const IS: Record<Kind, (value: unknown) => boolean> = {
  object: isObject,
  list: Array.isArray,
  text: (value) => typeof value === "string" || typeof value === "number",
};

const EXPECTED: Record<Kind, string> = { object: "an object", list: "a list", text: "text" };

const SHOWN = 10;

class Checker {
  /** The first of them, in words. */
  readonly problems: string[] = [];
  count = 0;

  problem(path: string[], words: string): void {
    if (this.count++ < SHOWN) this.problems.push(`${shortened(pointerOf(path))} ${words}`);
  }

  check(value: unknown, path: string[], kind: Kind, required = false): void {
    if (value === undefined ? required : !IS[kind](value)) {
      const verb = value === undefined ? "is missing; it must be" : "must be";
      this.problem(path, `${verb} ${EXPECTED[kind]}`);
    }
  }

  members(value: unknown, path: string[], members: Record<string, Kind>): void {
    for (const [key, kind] of Object.entries(members)) this.check(member(value, key), [...path, key], kind);
  }

  map(parent: unknown, path: string[], each: (item: unknown, path: string[]) => void): void {
    this.check(parent, path, "object");
    if (!isObject(parent)) return;
    for (const [key, item] of Object.entries(parent)) {
      this.check(item, [...path, key], "object", true);
      if (isObject(item)) each(item, [...path, key]);
    }
  }

  list(parent: unknown, path: string[]): void {
    this.check(parent, path, "list");
    if (Array.isArray(parent)) parent.forEach((item, index) => this.check(item, [...path, String(index)], "object", true));
  }
}

const TEXTS: Record<string, Kind> = { title: "text", summary: "text", description: "text" };

function checkMessage(checker: Checker, message: unknown, path: string[]): void {
  checker.members(message, path, { ...TEXTS, name: "text", contentType: "text", correlationId: "object", bindings: "object" });
  checker.list(member(message, "examples"), [...path, "examples"]);
  checker.list(member(message, "tags"), [...path, "tags"]);
}

function checkChannel(checker: Checker, channel: unknown, path: string[]): void {
  const address = member(channel, "address");
  checker.members(channel, path, { ...TEXTS, bindings: "object" });
  if (address !== null) checker.check(address, [...path, "address"], "text");
  checker.map(member(channel, "parameters"), [...path, "parameters"], () => undefined);
  checker.map(member(channel, "messages"), [...path, "messages"], (item, at) => checkMessage(checker, item, at));
  checker.list(member(channel, "servers"), [...path, "servers"]);
}

function checkOperation(checker: Checker, operation: unknown, path: string[]): void {
  const action = member(operation, "action");
  if (action !== "send" && action !== "receive") checker.problem([...path, "action"], "must be “send” or “receive”");
  checker.members(operation, path, { ...TEXTS, reply: "object", bindings: "object" });
  checker.check(member(operation, "channel"), [...path, "channel"], "object", true);
  for (const key of ["messages", "security", "tags", "traits"]) checker.list(member(operation, key), [...path, key]);
  const reply = member(operation, "reply");
  checker.list(member(reply, "messages"), [...path, "reply", "messages"]);
}

function checkServer(checker: Checker, server: unknown, path: string[]): void {
  for (const key of ["host", "protocol"]) checker.check(member(server, key), [...path, key], "text", true);
  checker.members(server, path, { ...TEXTS, pathname: "text", protocolVersion: "text", bindings: "object" });
  checker.list(member(server, "security"), [...path, "security"]);
  checker.map(member(server, "variables"), [...path, "variables"], () => undefined);
}

/** Throws a Failure that lists the places, where a document without references has the wrong shape. */
export function checkShape(document: JsonObject): void {
  const checker = new Checker();
  const info = member(document, "info");
  checker.check(info, ["info"], "object", true);
  if (isObject(info)) {
    checker.check(member(info, "title"), ["info", "title"], "text", true);
    checker.members(info, ["info"], { version: "text", description: "text", contact: "object", license: "object" });
    checker.list(member(info, "tags"), ["info", "tags"]);
  }
  checker.map(member(document, "servers"), ["servers"], (item, path) => checkServer(checker, item, path));
  checker.map(member(document, "channels"), ["channels"], (item, path) => checkChannel(checker, item, path));
  checker.map(member(document, "operations"), ["operations"], (item, path) => checkOperation(checker, item, path));
  const components = member(document, "components");
  checker.check(components, ["components"], "object");
  const messages = member(components, "messages");
  checker.map(messages, ["components", "messages"], (item, path) => checkMessage(checker, item, path));
  if (checker.problems.length === 0) return;
  const more = checker.count - checker.problems.length;
  throw new Failure({
    title: "The document is not a valid AsyncAPI 3 document",
    explanation: "These parts of it are not what the specification asks for:",
    items: more > 0 ? [...checker.problems, `and ${counted(more)} more`] : checker.problems,
  });
}
