import type { RouteDefinition, RouteOutput } from "@airfleet/contract";
import { nextLink } from "../http/next-link.ts";
import type { BoundRoute, RouteContext } from "./bound-route.ts";
import { openRequest } from "./open-request.ts";

const cursorIn = (body: unknown): string | undefined => {
  if (typeof body !== "object" || body === null || !("next_cursor" in body)) return undefined;
  return typeof body.next_cursor === "string" ? body.next_cursor : undefined;
};

/**
 * Binds a route of the contract to a use case: what the handler answers is the route's response, checked by the
 * compiler. Lists with another page get a `Link` header.
 */
export const bind = <Route extends RouteDefinition>(
  route: Route,
  handle: (context: RouteContext<Route>) => Promise<RouteOutput<Route>> | RouteOutput<Route>,
): BoundRoute => ({
  route,
  answer: async (request, reply, desk) => {
    reply.code(route.status ?? 200);
    const body: unknown = await handle(await openRequest(route, request, reply, desk));
    const cursor = cursorIn(body);
    if (cursor !== undefined) reply.header("link", nextLink(request.url, cursor));
    void reply.send(body);
  },
});
