import { z } from "zod";

/** A JSON Schema (2020-12), as OpenAPI 3.1 takes them. */
export type JsonSchema = Record<string, unknown>;

/** Which side of a schema is described: what callers send, or what they are given. */
export type Side = "input" | "output";

/** A schema with the named schemas that it refers to as `#/$defs/…`. */
export interface DescribedSchema {
  readonly schema: JsonSchema;
  readonly named: Readonly<Record<string, JsonSchema>>;
}

/**
 * Takes out what zod says for its own sake and nobody wants to read: the regular expressions of dates, which `format`
 * already names, the bounds of JavaScript's integers, and that keys are strings.
 */
const tidy = (schema: JsonSchema, side: Side): void => {
  if (schema["format"] !== undefined) delete schema["pattern"];
  if (schema["minimum"] === Number.MIN_SAFE_INTEGER) delete schema["minimum"];
  if (schema["maximum"] === Number.MAX_SAFE_INTEGER) delete schema["maximum"];
  const names = schema["propertyNames"];
  if (typeof names === "object" && names !== null && Object.keys(names).join() === "type")
    delete schema["propertyNames"];
  // Answers may grow: a client that refuses fields it does not know would break.
  if (side === "output" && schema["additionalProperties"] === false) delete schema["additionalProperties"];
  if (schema["example"] !== undefined) {
    schema["examples"] = [schema["example"]];
    delete schema["example"];
  }
};

/** Describes a zod schema; those with a `meta({ id })` become named ones. */
export const describeSchema = (schema: z.ZodType, side: Side): DescribedSchema => {
  const described: JsonSchema = z.toJSONSchema(schema, {
    io: side,
    // Transforms and branded types: what goes over the wire is described by what they start from.
    unrepresentable: "any",
    override: ({ jsonSchema }) => tidy(jsonSchema, side),
  });
  const { $schema: _, $defs: named, ...rest } = described;
  return { schema: rest, named: (named ?? {}) as Record<string, JsonSchema> };
};

/** A copy in which every `$ref` is what `rename` makes of it. */
export const mapRefs = (value: unknown, rename: (ref: string) => string): unknown => {
  if (Array.isArray(value)) return value.map((item) => mapRefs(item, rename));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === "$ref" && typeof inner === "string" ? rename(inner) : mapRefs(inner, rename),
    ]),
  );
};
