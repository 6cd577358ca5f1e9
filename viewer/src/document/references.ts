/**
 * Replaces every local reference by the object it names. All references to one definition become one object, so a
 * schema that contains itself becomes an object that contains itself. It fetches nothing: a reference to another file
 * is reported, not followed.
 */
import { counted, shortened } from "./budget";
import { Failure } from "./failure";
import { isObject, member, pointerOf, pointerSteps, setMember, type JsonObject } from "./json";

/** Where a value is. A list of links, because most places are never printed. */
interface Place {
  parent: Place | undefined;
  key: string;
}

interface Slot {
  target: object;
  key: string;
  source: unknown;
  place: Place | undefined;
  /** True for the members of a map whose keys are names: `properties`, `messages`… */
  named: boolean;
}

/** Members whose value is somebody's data: what looks like a reference in there is not one. */
const DATA = new Set(["const", "default", "enum", "example", "examples"]);

/** Members whose own keys are names that somebody chose. */
const MAPS = new Set(
  (
    "$defs channelBindings channels components correlationIds definitions dependentSchemas externalDocs " +
    "messageBindings messages messageTraits operationBindings operations operationTraits parameters " +
    "patternProperties properties replies replyAddresses schemas securitySchemes serverBindings servers " +
    "serverVariables tags variables"
  ).split(" "),
);

/** Of each kind, as many broken references are kept as anybody reads; their places are long texts. */
const KEPT = 100;
/** How many references may stand in each other's way: `#/a/b`, where `a` is a reference to `#/c/d`, and so on. */
const MOST_BETWEEN = 50;

class Broken {
  readonly words = new Map<string, string>();
  count = 0;

  add(reference: string, place: Place | undefined): void {
    this.count++;
    if (this.words.size < KEPT && !this.words.has(reference)) {
      this.words.set(reference, shortened(`${shortened(reference, 200)} (at ${pointerOf(steps(place))})`, 500));
    }
  }
}

class Resolver {
  private readonly copies = new Map<object, object>();
  private readonly pending: Slot[] = [];
  private readonly external = new Broken();
  private readonly missing = new Broken();
  /** What each reference leads to, itself no reference; undefined where it leads nowhere, or is being followed. */
  private readonly ends = new Map<string, unknown>();

  constructor(private readonly root: JsonObject) {}

  resolve(): JsonObject {
    const holder: { root?: JsonObject } = {};
    this.pending.push({ target: holder, key: "root", source: this.root, place: undefined, named: false });
    for (let slot = this.pending.pop(); slot !== undefined; slot = this.pending.pop()) {
      setMember(slot.target, slot.key, this.copy(slot));
    }
    this.report();
    return holder.root as JsonObject;
  }

  private copy({ source, place, named }: Slot): unknown {
    const value = this.follow(source, place);
    if (typeof value !== "object" || value === null) return value;
    const made = this.copies.get(value);
    if (made !== undefined) return made;
    const fresh: object = Array.isArray(value) ? [] : {};
    this.copies.set(value, fresh);
    const names = !named && place !== undefined && MAPS.has(place.key);
    for (const [key, item] of Object.entries(value)) {
      // The work list runs backwards: setting every member now keeps them in the document's order.
      setMember(fresh, key, item);
      const data = !names && !Array.isArray(value) && DATA.has(key);
      if (!data) this.pending.push({ target: fresh, key, source: item, place: { parent: place, key }, named: names });
    }
    return fresh;
  }

  /** The value itself, or what it refers to. */
  private follow(source: unknown, place: Place | undefined): unknown {
    const reference = referenceOf(source);
    if (reference === undefined) return source;
    const end = this.end(reference, 0);
    if (end !== undefined) return end;
    (reference.startsWith("#") ? this.missing : this.external).add(reference, place);
    return {};
  }

  /** What a reference leads to in the end. Each reference of the document is followed once. */
  private end(reference: string, between: number): unknown {
    if (between > MOST_BETWEEN) return undefined;
    const passed: string[] = [];
    let next: string | undefined = reference;
    let value: unknown;
    while (next !== undefined) {
      if (this.ends.has(next)) {
        value = this.ends.get(next);
        break;
      }
      passed.push(next);
      this.ends.set(next, undefined);
      value = this.walk(next, between);
      next = referenceOf(value);
    }
    for (const each of passed) this.ends.set(each, value);
    return value;
  }

  /** Walks a pointer from the root, through references on its way. */
  private walk(reference: string, between: number): unknown {
    if (!/^#(\/|$)/.test(reference)) return undefined;
    let value: unknown = this.root;
    for (const step of pointerSteps(reference)) {
      const inner = referenceOf(value);
      value = member(inner === undefined ? value : this.end(inner, between + 1), step);
      if (value === undefined) return undefined;
    }
    return value;
  }

  private report(): void {
    if (this.external.count > 0) {
      throw new Failure({
        title: "The document refers to other files",
        explanation:
          "This page shows documents that are complete in one file. Put the parts together first, for example with " +
          "the official AsyncAPI command line:",
        command: "npx @asyncapi/cli bundle asyncapi.yaml --output bundled.yaml",
        items: listed(this.external),
      });
    }
    if (this.missing.count > 0) {
      throw new Failure({
        title: "The document refers to something it does not contain",
        explanation: "Each of these references leads nowhere, or only to itself:",
        items: listed(this.missing),
      });
    }
  }
}

function steps(place: Place | undefined): string[] {
  const keys: string[] = [];
  for (let at = place; at !== undefined; at = at.parent) keys.push(at.key);
  return keys.reverse();
}

function referenceOf(value: unknown): string | undefined {
  const reference = member(value, "$ref");
  return isObject(value) && typeof reference === "string" ? reference : undefined;
}

const SHOWN = 10;

function listed({ words, count }: Broken): string[] {
  const sorted = [...words.values()].sort();
  if (count <= SHOWN) return sorted;
  const shown = sorted.slice(0, SHOWN);
  return count > shown.length ? [...shown, `and ${counted(count - shown.length)} more`] : shown;
}

/**
 * A copy of the document without references.
 *
 * Throws a Failure that names the references to other files, or those that lead nowhere.
 */
export function resolveReferences(root: JsonObject): JsonObject {
  return new Resolver(root).resolve();
}
