/** Parsed data → what the page shows. The steps are in their own files; their order is here. */
import { cutCycles } from "./acyclic";
import { objectsIn, member, isObject, type JsonObject } from "./json";
import { addMarks } from "./marks";
import { resolveReferences } from "./references";
import { unwrapSchemas } from "./schemas";
import { asyncApi3, checkShape } from "./shape";
import { applyTraits } from "./traits";

export type Perspective = "server" | "client";

export interface Prepared {
  /** The document for the component: no references, with the parser's marks. */
  schema: JsonObject;
  title: string;
  version: string;
  /** Whose document it says it is, if it says. */
  perspective: Perspective | undefined;
}

/** Throws a Failure for anything that cannot be shown. */
export function prepare(data: unknown): Prepared {
  const schema = resolveReferences(asyncApi3(data));
  checkShape(schema);
  applyTraits(schema);
  unwrapSchemas(schema);
  cutCycles(schema);
  fillGaps(schema);
  addMarks(schema);
  const info = member(schema, "info");
  const perspective = member(schema, "x-perspective") ?? member(info, "x-perspective");
  return {
    schema,
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
