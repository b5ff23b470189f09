import type { RouteDefinition, RouteOutput } from "@airfleet/contract";
import type { StoredAnswer } from "@airfleet/store";
import { nextLink } from "../http/next-link.ts";
import type { BoundRoute, RouteContext } from "./bound-route.ts";
import { openRequest } from "./open-request.ts";
import { answerOnce, isRepeatable } from "./repeatable.ts";

const cursorIn = (body: unknown): string | undefined => {
  if (typeof body !== "object" || body === null || !("next_cursor" in body)) return undefined;
  return typeof body.next_cursor === "string" ? body.next_cursor : undefined;
};

/**
 * Binds a route of the contract to a use case: what the handler answers is the route's response, checked by the
 * compiler. Lists with another page get a `Link` header; those that the contract calls
 * repeatable honour `Idempotency-Key`.
 */
export const bind = <Route extends RouteDefinition>(
  route: Route,
  handle: (context: RouteContext<Route>) => Promise<RouteOutput<Route>> | RouteOutput<Route>,
): BoundRoute => ({
  route,
  answer: async (request, reply, desk) => {
    reply.code(route.status ?? 200);
    const context = await openRequest(route, request, reply, desk);
    if (isRepeatable(route)) {
      const carryOut = async (): Promise<StoredAnswer> => ({ body: await handle(context), status: reply.statusCode });
      const { answer, isReplay } = await answerOnce(route, context, desk.kept, carryOut);
      if (isReplay) reply.header("idempotent-replayed", "true");
      void reply.code(answer.status).send(answer.body);
      return;
    }
    const body: unknown = await handle(context);
    const cursor = cursorIn(body);
    if (cursor !== undefined) reply.header("link", nextLink(request.url, cursor));
    void reply.send(body);
  },
});
