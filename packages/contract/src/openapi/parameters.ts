import type { RouteDefinition } from "../route.ts";
import type { Components } from "./components.ts";
import type { JsonSchema } from "./json-schema.ts";

/** A parameter object of OpenAPI. */
export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: true;
  readonly description?: string;
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

const valueAt = (example: unknown, name: string): unknown =>
  typeof example === "object" && example !== null && Object.hasOwn(example, name)
    ? (example as Readonly<Record<string, unknown>>)[name]
    : undefined;

const toParameters = (place: "path" | "query", schema: JsonSchema, example: unknown): readonly Parameter[] => {
  const properties = (schema["properties"] ?? {}) as Readonly<Record<string, JsonSchema>>;
  const required = new Set((schema["required"] ?? []) as readonly string[]);
  return Object.entries(properties).map(([name, property]): Parameter => {
    const { description, ...rest } = property;
    const value = valueAt(example, name);
    return {
      name,
      in: place,
      ...((place === "path" || required.has(name)) && { required: true as const }),
      ...(typeof description === "string" && { description }),
      schema: rest,
      ...(value !== undefined && { example: value }),
    };
  });
};

const HEADERS: readonly { readonly when: (route: RouteDefinition) => boolean; readonly parameter: Parameter }[] = [
  {
    when: (route) => route.errors.includes("VERSION_MISSING"),
    parameter: {
      name: "If-Match",
      in: "header",
      required: true,
      description: "The ETag that was last read.",
      schema: { type: "string" },
      example: '"3"',
    },
  },
  {
    when: (route) => route.errors.includes("IDEMPOTENCY_KEY_REUSED"),
    parameter: {
      name: "Idempotency-Key",
      in: "header",
      description: "The same key always means the same write, which happens once however often it is sent.",
      schema: { type: "string", minLength: 1, maxLength: 255 },
      example: "nightly-2026-11-20",
    },
  },
  {
    when: (route) => route.deferrable === true,
    parameter: {
      name: "Prefer",
      in: "header",
      description:
        "`wait=N` waits at most N seconds (25 at most, which is also the default), `respond-async` not at all; what is not over then is answered with 202.",
      schema: { type: "string" },
      example: "wait=10",
    },
  },
];

/** Path, query and header parameters of a route. */
export const describeParameters = (route: RouteDefinition, components: Components): readonly Parameter[] => [
  ...(route.params === undefined
    ? []
    : toParameters("path", components.refer(route.params, "input"), route.example?.params)),
  ...(route.query === undefined
    ? []
    : toParameters("query", components.refer(route.query, "input"), route.example?.query)),
  ...HEADERS.filter(({ when }) => when(route)).map(({ parameter }) => parameter),
];
