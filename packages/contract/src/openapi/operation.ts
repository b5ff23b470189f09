import { z } from "zod";
import type { RouteDefinition } from "../route.ts";
import type { Components } from "./components.ts";
import { describeErrors, type ErrorCatalogue } from "./error-responses.ts";
import type { JsonSchema } from "./json-schema.ts";
import { describeParameters } from "./parameters.ts";

const header = (description: string): JsonSchema => ({ description, schema: { type: "string" } });

const isVersioned = (route: RouteDefinition): boolean =>
  route.response instanceof z.ZodObject && "version" in route.response.shape && "source" in route.response.shape;

const isPaged = (route: RouteDefinition): boolean =>
  route.query instanceof z.ZodObject && "cursor" in route.query.shape;

const successHeaders = (route: RouteDefinition): Readonly<Record<string, JsonSchema>> => ({
  ...(isVersioned(route) && { ETag: header("The version; send it back in If-Match.") }),
  ...(isPaged(route) && { Link: header('The next page, with rel="next"; absent on the last one.') }),
  ...(route.deferrable === true && { Location: header("The recorded write.") }),
});

/** What an answer is that comes bit by bit. */
const STREAMS: Readonly<Record<string, string>> = {
  "application/x-ndjson": "One such object per line, as they come.",
  "text/event-stream": "One such object as the `data` of each event, as they come.",
};

const describeSuccess = (route: RouteDefinition, components: Components): Readonly<Record<string, JsonSchema>> => {
  const status = String(route.status ?? 200);
  if (route.response instanceof z.ZodUndefined) return { [status]: { description: "Done; there is no body." } };
  const media = route.produces ?? "application/json";
  const example = route.example?.response;
  const headers = successHeaders(route);
  const content = {
    [media]: {
      schema: components.refer(route.response, "output"),
      ...(example !== undefined && { example }),
    },
  };
  const description = STREAMS[route.produces ?? ""] ?? "Done.";
  return {
    [status]: { description, ...(Object.keys(headers).length > 0 && { headers }), content },
    ...(route.deferrable === true && {
      "202": {
        description: "Recorded and not over yet: look at `Location` for what comes of it.",
        headers: { Location: header("The recorded write.") },
        content,
      },
    }),
  };
};

const whoMay = ({ permission }: RouteDefinition): string =>
  permission === "public" ? "Needs no token." : `Permission: \`${permission}\`.`;

const describeText = (route: RouteDefinition): string =>
  [
    route.description,
    route.proof === "signature" ? "Needs no API token: the sender proves itself by its signature." : whoMay(route),
    route.audited === true ? "Leaves a row in the audit trail." : undefined,
    route.confirm === "production" ? "On a production instance `confirm` must be the instance id." : undefined,
  ]
    .filter((sentence) => sentence !== undefined)
    .join("\n\n");

/** A route as an operation object of OpenAPI. */
export const describeOperation = (
  route: RouteDefinition,
  components: Components,
  catalogue: ErrorCatalogue,
): JsonSchema => {
  const parameters = describeParameters(route, components);
  const example = route.example?.body;
  return {
    operationId: route.id,
    tags: [route.area],
    summary: route.summary,
    description: describeText(route),
    ...(route.permission === "public" && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(route.body !== undefined && {
      requestBody: {
        required: true,
        content: {
          "application/json": {
            schema: components.refer(route.body, "input"),
            ...(example !== undefined && { example }),
          },
        },
      },
    }),
    responses: { ...describeSuccess(route, components), ...describeErrors(route, catalogue) },
    "x-permission": route.permission,
  };
};
