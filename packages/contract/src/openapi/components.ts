import type { z } from "zod";
import { describeSchema, type JsonSchema, mapRefs, type Side } from "./json-schema.ts";

/** Collects named schemas while routes are described. */
export interface Components {
  /** The schema as it stands in a route: a reference when it has a name. */
  refer(schema: z.ZodType, side: Side): JsonSchema;
  /** Every named schema, by name. */
  list(): Readonly<Record<string, JsonSchema>>;
}

const DEFS = "#/$defs/";
const COMPONENTS = "#/components/schemas/";

type Named = Record<Side, Map<string, JsonSchema>>;

const refsIn = (schema: unknown): readonly string[] => {
  const refs: string[] = [];
  mapRefs(schema, (ref) => {
    refs.push(ref.slice(DEFS.length));
    return ref;
  });
  return refs;
};

/** Names whose two sides differ, or which refer to one whose sides do: these need an `…Input` of their own. */
const findTwoSided = ({ input, output }: Named): ReadonlySet<string> => {
  const twoSided = new Set<string>();
  let size: number;
  do {
    size = twoSided.size;
    for (const [name, schema] of input) {
      const other = output.get(name);
      if (other === undefined) continue;
      const differs = JSON.stringify(schema) !== JSON.stringify(other);
      if (differs || refsIn(schema).some((ref) => twoSided.has(ref))) twoSided.add(name);
    }
  } while (twoSided.size > size);
  return twoSided;
};

/**
 * Two passes: all schemas are described first, so that it is known which have two sides before anything refers to them.
 *
 * @param used Every schema of every route with the side it is used on.
 */
export const collectComponents = (used: readonly { readonly schema: z.ZodType; readonly side: Side }[]): Components => {
  const named: Named = { input: new Map(), output: new Map() };
  for (const { schema, side } of used) {
    for (const [name, described] of Object.entries(describeSchema(schema, side).named))
      named[side].set(name, described);
  }
  const twoSided = findTwoSided(named);
  const rename = (side: Side) => (ref: string) => {
    const name = ref.slice(DEFS.length);
    return `${COMPONENTS}${name}${side === "input" && twoSided.has(name) ? "Input" : ""}`;
  };
  return {
    refer: (schema, side) => mapRefs(describeSchema(schema, side).schema, rename(side)) as JsonSchema,
    list: () => {
      const all = new Map<string, unknown>();
      for (const side of ["output", "input"] as const) {
        for (const [name, schema] of named[side]) {
          all.set(rename(side)(DEFS + name).slice(COMPONENTS.length), mapRefs(schema, rename(side)));
        }
      }
      return Object.fromEntries([...all].toSorted(([a], [b]) => (a < b ? -1 : 1))) as Record<string, JsonSchema>;
    },
  };
};
