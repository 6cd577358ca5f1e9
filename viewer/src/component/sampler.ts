/**
 * Generates the example that a document does not give. `openapi-sampler` does it; this keeps it within bounds: types
 * that hold each other many times over would give an example of astronomic size.
 */
import { sample as unbounded } from "openapi-sampler/src/openapi-sampler.js";

type Options = Record<string, unknown>;

const DEEPEST = 10;
const LARGEST = 2_000;
const PARTS = ["items", "additionalProperties"];
const LISTS = ["allOf", "oneOf", "anyOf"];

type Sizes = Map<object, number[]>;

/** How many schemas a sample of this depth visits, at most. Each schema is counted once per depth. */
function size(schema: unknown, depth: number, known: Sizes): number {
  if (typeof schema !== "object" || schema === null) return 0;
  if (depth === 0) return 1;
  const sizes = known.get(schema) ?? [];
  known.set(schema, sizes);
  const counted = sizes[depth];
  if (counted !== undefined) return counted;
  // Alternatives add no depth, so they can lead back here: a schema counts once while it is being counted.
  sizes[depth] = 1;
  const { below, beside } = children(schema);
  const inside = below.reduce<number>((sum, child) => sum + size(child, depth - 1, known), 1);
  const result = beside.reduce<number>((sum, child) => sum + size(child, depth, known), inside);
  sizes[depth] = result;
  return result;
}

function children(schema: object): { below: unknown[]; beside: unknown[] } {
  const members = schema as Record<string, unknown>;
  const properties = members["properties"];
  const named = typeof properties === "object" && properties !== null ? Object.values(properties) : [];
  return {
    below: [...named, ...PARTS.map((key) => members[key])],
    beside: LISTS.flatMap((key) => members[key] ?? []),
  };
}

/** The deepest sample that stays within bounds. */
export function sampleDepth(schema: unknown): number {
  const known: Sizes = new Map();
  let depth = 1;
  while (depth < DEEPEST && size(schema, depth + 1, known) <= LARGEST) depth++;
  return depth;
}

export function sample(schema: object, options: Options = {}): unknown {
  return unbounded(schema, { ...options, maxSampleDepth: sampleDepth(schema) });
}
