/**
 * What the component needs of `@asyncapi/parser`: the models of AsyncAPI 3, without the parser, the validators and the
 * older versions' models. The page hands the component complete documents only, so nothing is ever unstringified.
 */
import { AsyncAPIDocument } from "@asyncapi/parser/esm/models/v3/asyncapi";

export { Schema as SchemaV2 } from "@asyncapi/parser/esm/models/v2/schema";

type Document = ConstructorParameters<typeof AsyncAPIDocument>[0];

export function isAsyncAPIDocument(document: unknown): document is AsyncAPIDocument {
  return document instanceof AsyncAPIDocument;
}

export function isOldAsyncAPIDocument(): boolean {
  return false;
}

export function isStringifiedDocument(): boolean {
  return false;
}

export function toAsyncAPIDocument(parsed: Document): AsyncAPIDocument {
  const version = String(parsed.asyncapi);
  const [major = 3, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  const semver = { version, major, minor, patch };
  return new AsyncAPIDocument(parsed, { asyncapi: { semver, parsed, input: parsed }, pointer: "/" });
}

export function unstringify(): undefined {
  return undefined;
}
