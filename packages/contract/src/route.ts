import type { ErrorCode } from "@airfleet/model";
import type { z } from "zod";
import type { Permission } from "./permissions.ts";

/** HTTP methods that routes use. */
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

type Shape = z.ZodType;

/**
 * One route of our API as data. Validation, OpenAPI, SDK types, the docs and the generated authorization test all come
 * from it, so nothing about a route is written twice.
 */
export interface RouteDefinition<
  Params extends Shape = Shape,
  Query extends Shape = Shape,
  Body extends Shape = Shape,
  Response extends Shape = Shape,
> {
  /** Unique name, camelCase; the SDK's method and OpenAPI's operationId. */
  readonly id: string;
  readonly method: Method;
  /** Path with `{names}` in braces. */
  readonly path: string;
  /** Heading under which the docs list it. */
  readonly area: string;
  readonly summary: string;
  readonly description?: string;
  /** Who may call it; `public` needs no token. A route without one does not compile. */
  readonly permission: Permission | "public";
  /**
   * A public route that nobody comes through without a proof of another kind than a token: what is sent is signed. Its
   * handler checks that over the body's bytes, and only then reads the body.
   */
  readonly proof?: "signature";
  /** Whether a call leaves a row in the audit trail. */
  readonly audited?: boolean;
  /** `production`: instances of that tier want the caller's `confirm` to be the instance id. */
  readonly confirm?: "production";
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** The body of the success answer. */
  readonly response: Response;
  /** Status of the success answer; 200 when absent. */
  readonly status?: 200 | 201 | 202 | 204;
  /** Media type of the answer when it is not JSON. */
  readonly produces?: "application/x-ndjson" | "text/event-stream" | "text/plain";
  /** The write may outlast the request: then 202 with `Location` of the action. */
  readonly deferrable?: boolean;
  /** Codes that this route answers, besides those that every route may answer. */
  readonly errors: readonly ErrorCode[];
  readonly example?: {
    readonly params?: unknown;
    readonly query?: unknown;
    readonly body?: unknown;
    readonly response?: unknown;
  };
}

/** Codes that any route may answer. */
export const COMMON_ERRORS = [
  "BODY_TOO_LARGE",
  "BODY_UNREADABLE",
  "CROSS_SITE_REFUSED",
  "FORBIDDEN",
  "HOST_REFUSED",
  "INTERNAL",
  "MEDIA_TYPE_UNSUPPORTED",
  "METHOD_NOT_ALLOWED",
  "PROXY_REFUSED",
  "RATE_LIMITED",
  "REQUEST_INVALID",
  "ROUTE_UNKNOWN",
  "STORE_BUSY",
  "STORE_UNAVAILABLE",
  "TOKEN_EXPIRED",
  "TOKEN_MISSING",
  "TOKEN_UNKNOWN",
] as const satisfies readonly ErrorCode[];

/** Codes of routes that carry out a request once per Idempotency-Key and answer repetitions from memory. */
export const REPEATABLE_ERRORS = [
  "IDEMPOTENCY_KEY_OUTSTANDING",
  "IDEMPOTENCY_KEY_REUSED",
] as const satisfies readonly ErrorCode[];

/** Codes of every route that calls an instance. */
export const INSTANCE_ERRORS = [
  "AIRFLOW_ANSWER_INVALID",
  "AIRFLOW_ANSWER_TOO_LARGE",
  "AIRFLOW_REFUSED",
  "AIRFLOW_SERVER_ERROR",
  "CAPABILITY_MISSING",
  "INSTANCE_ANSWER_INVALID",
  "INSTANCE_ANSWER_TOO_LARGE",
  "INSTANCE_AUTH_UNSUPPORTED",
  "INSTANCE_BUSY",
  "INSTANCE_CREDENTIALS_REFUSED",
  "INSTANCE_DISABLED",
  "INSTANCE_FORBIDDEN",
  "INSTANCE_REDIRECTED",
  "INSTANCE_REFUSED",
  "INSTANCE_SERVER_ERROR",
  "INSTANCE_TIMEOUT",
  "INSTANCE_TLS_FAILED",
  "INSTANCE_UNKNOWN",
  "INSTANCE_UNREACHABLE",
] as const satisfies readonly ErrorCode[];

/** Types a literal as a route, keeping its schemas' types. */
export const defineRoute = <
  Params extends Shape = z.ZodUndefined,
  Query extends Shape = z.ZodUndefined,
  Body extends Shape = z.ZodUndefined,
  Response extends Shape = Shape,
>(
  route: RouteDefinition<Params, Query, Body, Response>,
): RouteDefinition<Params, Query, Body, Response> => route;

/** What a caller gives. */
export type RouteInput<Route> =
  Route extends RouteDefinition<infer Params, infer Query, infer Body>
    ? { readonly params: z.input<Params>; readonly query: z.input<Query>; readonly body: z.input<Body> }
    : never;

/** What a handler is given: the same, with defaults filled in. */
export type RouteRequest<Route> =
  Route extends RouteDefinition<infer Params, infer Query, infer Body>
    ? { readonly params: z.output<Params>; readonly query: z.output<Query>; readonly body: z.output<Body> }
    : never;

/** What the route answers. */
export type RouteOutput<Route> =
  Route extends RouteDefinition<Shape, Shape, Shape, infer Response> ? z.output<Response> : never;
