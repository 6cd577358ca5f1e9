/**
 * Brings every schema of a document into the one form the component shows: a JSON Schema. A schema in another format
 * (Avro, Protobuf, RAML) is shown as its own text; converting it is not this page's work.
 */
import { LONGEST, printed } from "../component/printed";
import { shortened } from "./budget";
import { isObject, member, objectsIn, type JsonObject } from "./json";

const JSON_SCHEMA =
  /^(application\/vnd\.aai\.asyncapi|application\/schema)(\+json|\+yaml)?\s*(;|$)|^application\/vnd\.oai\.openapi/i;

function isMultiFormat(value: unknown): value is JsonObject & { schemaFormat: string } {
  return isObject(value) && typeof member(value, "schemaFormat") === "string" && Object.hasOwn(value, "schema");
}

function inline(value: JsonObject & { schemaFormat: string }): unknown {
  if (JSON_SCHEMA.test(value.schemaFormat)) return value["schema"];
  const schema = value["schema"];
  const text = shortened(typeof schema === "string" ? schema : printed(schema).text, LONGEST);
  // A fence longer than any run of backticks inside cannot be closed from inside.
  let longest = 2;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const fence = "`".repeat(longest + 1);
  return {
    title: value.schemaFormat,
    description: `Written in \`${value.schemaFormat.replaceAll("`", "")}\`:\n\n${fence}\n${text}\n${fence}`,
  };
}

/** Changes the document, whose references must be resolved. */
export function unwrapSchemas(document: JsonObject): void {
  const made = new Map<object, unknown>();
  const unwrap = (object: JsonObject, key: string): void => {
    const value = member(object, key);
    if (!isMultiFormat(value)) return;
    if (!made.has(value)) made.set(value, inline(value));
    object[key] = made.get(value);
  };
  const components = member(document, "components");
  const schemas = member(components, "schemas");
  if (isObject(schemas)) Object.keys(schemas).forEach((name) => unwrap(schemas, name));
  const channels = [...objectsIn(document, "channels"), ...objectsIn(components, "channels")];
  const messages = [...channels.flatMap(([, channel]) => objectsIn(channel, "messages")), ...objectsIn(components, "messages")];
  for (const [, message] of messages) {
    unwrap(message, "payload");
    unwrap(message, "headers");
  }
}
