import { ROUTES } from "../registry.ts";
import type { RouteDefinition } from "../route.ts";
import { Problem } from "../schemas/problem.ts";
import { collectComponents } from "./components.ts";
import type { ErrorCatalogue } from "./error-responses.ts";
import type { JsonSchema, Side } from "./json-schema.ts";
import { describeOperation } from "./operation.ts";

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument extends JsonSchema {
  readonly openapi: "3.1.1";
  readonly paths: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> } & JsonSchema;
}

const AREAS: Readonly<Record<string, string>> = {
  Instances: "The deployments of the fleet: what they are, how they are, what is configured on them.",
  DAGs: "DAGs over the fleet, and one DAG on one instance.",
  Runs: "Runs, task instances and logs, read from their instance; and what is done to them.",
  Actions: "Recorded writes and what came of them.",
  Events: "What happens in the fleet, as it happens.",
  Reports: "What others tell of runs: messages from queues and over HTTP.",
  Audit: "Who did what, where and when.",
  Tokens: "API tokens.",
  System: "The server itself.",
};

const DESCRIPTION = [
  "One control plane for fleets of Apache Airflow 2 and 3.",
  "Lists answer `items` and `next_cursor`; errors are RFC 9457 problems with a `code` from the catalogue under `x-errors`. Unknown query parameters and body fields are refused. Times are RFC 3339.",
  "With `auth.mode: local` no token is asked for.",
].join("\n\n");

/** In the order of the areas, then of the paths: the order of a module's exports is not the same everywhere. */
const inOrder = (routes: readonly RouteDefinition[]): readonly RouteDefinition[] => {
  const areas = Object.keys(AREAS);
  const rank = ({ area, path, method }: RouteDefinition): string =>
    `${String(areas.indexOf(area)).padStart(2)} ${path} ${method}`;
  return routes.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
};

const schemasOf = (route: RouteDefinition): readonly { schema: NonNullable<RouteDefinition["body"]>; side: Side }[] => [
  ...[route.params, route.query, route.body].flatMap((schema) =>
    schema === undefined ? [] : [{ schema, side: "input" as const }],
  ),
  { schema: route.response, side: "output" },
];

/**
 * The API as an OpenAPI 3.1 document: every route with its parameters, bodies, answers and the errors it may give.
 *
 * @param version The product's version.
 * @param errorCatalogue What every code means; all of it is listed under `x-errors`.
 */
export const buildOpenApi = ({
  version,
  errorCatalogue,
}: {
  readonly version: string;
  readonly errorCatalogue: ErrorCatalogue;
}): OpenApiDocument => {
  const routes = inOrder(Object.values(ROUTES));
  const components = collectComponents([...routes.flatMap(schemasOf), { schema: Problem, side: "output" }]);
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of routes) {
    const operation = describeOperation(route, components, errorCatalogue);
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Airfleet",
      version,
      description: DESCRIPTION,
      license: { name: "Apache License 2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/", description: "The server that this document comes from" }],
    security: [{ token: [] }],
    tags: [...new Set(routes.map((route) => route.area))].map((name) => ({ name, description: AREAS[name] ?? name })),
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "An API token; make one with `airfleet tokens create`." },
      },
      schemas: components.list(),
    },
    "x-errors": Object.fromEntries(
      Object.entries(errorCatalogue)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([code, { status, retryable, message }]) => [code, { status, retryable, message }]),
    ),
  };
};
