import { AirfleetError, type ErrorFinding } from "@airfleet/model";
import type { RouteDefinition } from "@airfleet/contract";
import { z } from "zod";

/** The parts of a request that a route's schemas speak of, unread. */
export interface RawRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

type Part = keyof RawRequest;

const escapePointer = (part: PropertyKey): string => String(part).replaceAll("~", "~0").replaceAll("/", "~1");
const pointerTo = (part: Part, path: readonly PropertyKey[]): string =>
  [`/${part}`, ...path.map(escapePointer)].join("/");

const keysOf = (schema: z.ZodType | undefined): readonly string[] =>
  schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];

const toFindings = (part: Part, schema: z.ZodType | undefined, error: z.ZodError): ErrorFinding[] =>
  error.issues.flatMap((issue): ErrorFinding[] => {
    if (issue.code !== "unrecognized_keys") {
      return [{ pointer: pointerTo(part, issue.path), message: issue.message, code: issue.code }];
    }
    const known = issue.path.length === 0 ? keysOf(schema) : [];
    const hint = known.length === 0 ? "" : ` Known here: ${known.join(", ")}.`;
    return issue.keys.map((key) => ({
      pointer: pointerTo(part, [...issue.path, key]),
      message: `Unknown key.${hint}`,
      code: issue.code,
    }));
  });

/** Query keys may be given once; two values for one key would mean different things to different readers. */
const repeatedKeys = (query: unknown): ErrorFinding[] =>
  Object.entries((query ?? {}) as Record<string, unknown>)
    .filter(([, value]) => Array.isArray(value))
    .map(([key]) => ({ pointer: pointerTo("query", [key]), message: "Given more than once.", code: "repeated_key" }));

const NOTHING = z.strictObject({});

/** A part without a schema must be empty; an empty or missing body is the same. */
const schemaOf = (route: RouteDefinition, part: Part): z.ZodType => route[part] ?? NOTHING;

/**
 * Checks a request against its route's schemas, and answers it with defaults filled in.
 *
 * @throws {AirfleetError} REQUEST_INVALID with every finding, each with a JSON pointer into {params, query, body}
 */
export const parseRequest = (route: RouteDefinition, raw: RawRequest): Record<Part, unknown> => {
  const findings: ErrorFinding[] = repeatedKeys(raw.query);
  const parse = (part: Part): unknown => {
    const schema = schemaOf(route, part);
    const result = schema.safeParse(raw[part] ?? {});
    if (result.success) return route[part] === undefined ? undefined : result.data;
    if (part !== "query" || findings.length === 0) findings.push(...toFindings(part, route[part], result.error));
    return undefined;
  };
  const parsed = { params: parse("params"), query: parse("query"), body: parse("body") };
  const [first] = findings;
  if (first === undefined) return parsed;
  const more = findings.length === 1 ? "" : `, and ${findings.length - 1} more`;
  throw new AirfleetError(
    "REQUEST_INVALID",
    { summary: `${first.pointer.slice(1).replaceAll("/", ".")}: ${first.message.replace(/\.$/, "")}${more}` },
    { findings },
  );
};
