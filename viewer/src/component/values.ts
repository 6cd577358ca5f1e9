/** What a schema's type leaves open, in a few words after it: its format, its constant, its choices. */

/** The part of a schema model that is read here. */
export interface SchemaModel {
  format(): unknown;
  const(): unknown;
  enum(): unknown;
}

const ROOM = 72;

function written(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > ROOM ? `${text.slice(0, ROOM)}…` : text;
}

export function valuesOf(schema: SchemaModel): string {
  const constant = schema.const();
  if (constant !== undefined) return ` = ${written(constant)}`;
  const choices = schema.enum();
  if (Array.isArray(choices)) return `: ${oneOf(choices)}`;
  const format = schema.format();
  return typeof format === "string" ? ` (${format})` : "";
}

function oneOf(choices: unknown[]): string {
  let text = "";
  for (const [index, choice] of choices.entries()) {
    const next = `${index > 0 ? " | " : ""}${written(choice)}`;
    if (index > 0 && text.length + next.length > ROOM) return `${text} | … ${choices.length - index} more`;
    text += next;
  }
  return text;
}
