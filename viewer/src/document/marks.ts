/**
 * The marks that the official parser leaves in a document, and that its document models rely on; and one of ours. The
 * component lists extensions, but none whose name begins as the parser's do.
 */
import { member, objectsIn, type JsonObject } from "./json";

const UNIQUE_ID = "x-parser-unique-object-id";
const SCHEMA_ID = "x-parser-schema-id";
const DEPRECATED = "x-parser-deprecated";

/** Whether the object, an operation or a message, says that it is deprecated. */
export function isDeprecated(object: JsonObject): boolean {
  return member(object, DEPRECATED) === true;
}

/** AsyncAPI 3 has no member that says it; `x-deprecated` does, and the page shows it as a label of its own. */
function markDeprecated(object: JsonObject): void {
  object[DEPRECATED] = object["x-deprecated"] === true || object["deprecated"] === true;
  if (object["x-deprecated"] === true) delete object["x-deprecated"];
}

function markOnce(object: JsonObject, mark: string, value: string): void {
  if (!Object.hasOwn(object, mark)) object[mark] = value;
}

/** Changes the document, whose references must be resolved. A name in `components` wins over the others. */
export function addMarks(document: JsonObject): void {
  const components = member(document, "components");
  for (const kind of ["messages", "channels", "operations"]) {
    for (const [id, object] of objectsIn(components, kind)) markOnce(object, UNIQUE_ID, id);
  }
  // A channel is found by its mark, so at the root its own name must be the mark.
  for (const [id, channel] of objectsIn(document, "channels")) channel[UNIQUE_ID] = id;
  for (const [id, operation] of objectsIn(document, "operations")) operation[UNIQUE_ID] = id;
  for (const [, channel] of [...objectsIn(document, "channels"), ...objectsIn(components, "channels")]) {
    for (const [id, message] of objectsIn(channel, "messages")) markOnce(message, UNIQUE_ID, id);
  }
  for (const [, operation] of objectsIn(document, "operations")) markDeprecated(operation);
  for (const [id, schema] of objectsIn(components, "schemas")) markOnce(schema, SCHEMA_ID, id);
  document["x-parser-spec-parsed"] = true;
  document["x-parser-api-version"] = 3;
}
