/** Parsed data → what the page shows. The steps are in their own files; their order is here. */
import { cutCycles } from "./acyclic";
import { objectsIn, member, isObject, type JsonObject } from "./json";
import { addMarks } from "./marks";
import { resolveReferences } from "./references";
import { unwrapSchemas } from "./schemas";
import { asyncApi3, checkShape } from "./shape";
import { shownOf } from "./shown";
import { applyTraits } from "./traits";

export type Perspective = "server" | "client";

export interface Prepared {
  /** The whole document: no references, with the parser's marks. */
  schema: JsonObject;
  /** The same for the component, shorter where a list is longer than anybody reads. */
  shown: JsonObject;
  /** What the page does not show of the whole of it, in sentences. */
  notes: string[];
  title: string;
  version: string;
  /** Whose document it says it is, if it says. */
  perspective: Perspective | undefined;
}

/** Throws a Failure for anything that cannot be shown. */
export function prepare(data: unknown): Prepared {
  const schema = resolveReferences(asyncApi3(data));
  checkShape(schema);
  const notes: string[] = [];
  if (!applyTraits(schema)) notes.push("Its traits are too much to merge: of some messages and operations, only a part of what they add is shown.");
  unwrapSchemas(schema);
  if (!cutCycles(schema)) notes.push("Its extensions and bindings are too large to be shown whole.");
  fillGaps(schema);
  addMarks(schema);
  const shown = shownOf(schema);
  const info = member(schema, "info");
  const perspective = member(schema, "x-perspective") ?? member(info, "x-perspective");
  return {
    schema,
    shown: shown.document,
    notes: [...notes, ...shown.notes],
    title: String(member(info, "title")),
    version: String(member(info, "version") ?? ""),
    perspective: perspective === "server" || perspective === "client" ? perspective : undefined,
  };
}

/** What the models take for granted though a document may leave it out. */
function fillGaps(schema: JsonObject): void {
  const info = member(schema, "info");
  if (isObject(info) && info["version"] === undefined) info["version"] = "";
  for (const [, server] of objectsIn(schema, "servers")) server["host"] = String(server["host"]);
}
