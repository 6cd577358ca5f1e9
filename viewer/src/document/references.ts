/**
 * Replaces every local reference by the object it names. All references to one definition become one object, so a
 * schema that contains itself becomes an object that contains itself. It fetches nothing: a reference to another file
 * is reported, not followed.
 */
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

class Resolver {
  private readonly copies = new Map<object, object>();
  private readonly pending: Slot[] = [];
  private readonly external = new Set<string>();
  private readonly missing = new Set<string>();

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
    const seen = new Set<string>();
    let value = source;
    for (let reference = referenceOf(value); reference !== undefined; reference = referenceOf(value)) {
      if (seen.has(reference)) this.missing.add(`${reference} (at ${pointerOf(steps(place))})`);
      const found = seen.has(reference) ? undefined : this.locate(reference, place, seen);
      if (found === undefined) return {};
      seen.add(reference);
      value = found;
    }
    return value;
  }

  private locate(reference: string, place: Place | undefined, seen: ReadonlySet<string>): unknown {
    if (!reference.startsWith("#")) {
      this.external.add(`${reference} (at ${pointerOf(steps(place))})`);
      return undefined;
    }
    const found = /^#(\/|$)/.test(reference) ? this.walk(pointerSteps(reference), seen) : undefined;
    if (found === undefined) this.missing.add(`${reference} (at ${pointerOf(steps(place))})`);
    return found;
  }

  /** Walks a pointer from the root, through references on its way. */
  private walk(path: readonly string[], seen: ReadonlySet<string>): unknown {
    let value: unknown = this.root;
    const passed = new Set(seen);
    for (const step of path) {
      for (let inner = referenceOf(value); inner !== undefined; inner = referenceOf(value)) {
        if (passed.has(inner) || !/^#(\/|$)/.test(inner)) return undefined;
        passed.add(inner);
        value = this.walk(pointerSteps(inner), passed);
      }
      value = member(value, step);
    }
    return value;
  }

  private report(): void {
    if (this.external.size > 0) {
      throw new Failure({
        title: "The document refers to other files",
        explanation:
          "This page shows documents that are complete in one file. Put the parts together first, for example with " +
          "the official AsyncAPI command line:",
        command: "npx @asyncapi/cli bundle asyncapi.yaml --output bundled.yaml",
        items: listed(this.external),
      });
    }
    if (this.missing.size > 0) {
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

function listed(references: ReadonlySet<string>): string[] {
  const sorted = [...references].sort();
  if (sorted.length <= SHOWN) return sorted;
  return [...sorted.slice(0, SHOWN), `and ${sorted.length - SHOWN} more`];
}

/**
 * A copy of the document without references.
 *
 * Throws a Failure that names the references to other files, or those that lead nowhere.
 */
export function resolveReferences(root: JsonObject): JsonObject {
  return new Resolver(root).resolve();
}
