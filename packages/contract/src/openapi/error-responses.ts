import type { ErrorDefinition } from "@airfleet/model";
import { COMMON_ERRORS, type RouteDefinition } from "../route.ts";
import type { JsonSchema } from "./json-schema.ts";

/** Codes with what they mean. */
export type ErrorCatalogue = Readonly<Record<string, ErrorDefinition>>;

const BODY_ERRORS: readonly string[] = ["BODY_TOO_LARGE", "BODY_UNREADABLE", "MEDIA_TYPE_UNSUPPORTED"];
const SIGN_IN_ERRORS: readonly string[] = ["FORBIDDEN", "TOKEN_EXPIRED", "TOKEN_MISSING", "TOKEN_UNKNOWN"];
/** Whoever calls a route that is described here calls one that exists. */
const ELSEWHERE: readonly string[] = ["METHOD_NOT_ALLOWED", "ROUTE_UNKNOWN"];

/** Codes that a route may answer: its own, and the common ones that can happen there. */
export const errorCodesOf = (route: RouteDefinition): readonly string[] => {
  const common = COMMON_ERRORS.filter(
    (code) =>
      !ELSEWHERE.includes(code) &&
      (route.body !== undefined || !BODY_ERRORS.includes(code)) &&
      (route.permission !== "public" || !SIGN_IN_ERRORS.includes(code)),
  );
  return [...new Set<string>([...common, ...route.errors])].toSorted();
};

const RETRY_AFTER = {
  description: "Seconds after which trying again makes sense.",
  schema: { type: "integer", minimum: 1 },
};

/** What the codes mean is said once, under `x-errors`. */
const describeStatus = (status: string, codes: readonly string[]): JsonSchema => ({
  description: codes.map((code) => `\`${code}\``).join(", "),
  ...((status === "429" || status === "503") && { headers: { "Retry-After": RETRY_AFTER } }),
  content: {
    "application/problem+json": {
      schema: {
        allOf: [
          { $ref: "#/components/schemas/Problem" },
          { type: "object", properties: { code: { type: "string", enum: codes } } },
        ],
      },
    },
  },
});

/** The error responses of a route: one per status, with the codes that come with it. */
export const describeErrors = (
  route: RouteDefinition,
  catalogue: ErrorCatalogue,
): Readonly<Record<string, JsonSchema>> => {
  const byStatus = new Map<string, string[]>();
  for (const code of errorCodesOf(route)) {
    const status = String(catalogue[code]?.status ?? 500);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const statuses = [...byStatus].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(statuses.map(([status, codes]) => [status, describeStatus(status, codes)]));
};
