import { AirfleetError } from "@airfleet/model";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { authorize } from "../../access/authorize.ts";
import { abortWhenClientLeaves } from "../../http/client-gone.ts";
import type { Desk } from "../../routes/bound-route.ts";
import { actionRoutes } from "./action-routes.ts";
import { bulkRoutes } from "./bulk-routes.ts";
import { countsOf, outcomeOf, statusOf, toChunks } from "./envelope.ts";
import { fanOut } from "./fan-out.ts";
import { ownRoutes } from "./own-routes.ts";
import { isStrict } from "./query.ts";
import { readRoutes } from "./read-routes.ts";
import { type SeedContext, type SeedRoute } from "./seed-route.ts";
import { listClients, selectClients } from "./select-clients.ts";
import { sendChunks } from "./send-chunks.ts";
import { statusRoute } from "./status-route.ts";

/** The first seed's API: all 18 routes. */
export const SEED_ROUTES: readonly SeedRoute[] = [
  ...ownRoutes,
  statusRoute,
  ...readRoutes,
  ...actionRoutes,
  ...bulkRoutes,
];

/** Whether a path belongs to the seed's API, whose errors have a form of their own. */
export const isSeedPath = (url: string): boolean =>
  /^\/(health|api\/clients|api\/dags|api\/disaster-recovery)?(?=[/?]|$)/.test(url) && !url.startsWith("/api/v1");

const openRequest = async (
  route: SeedRoute,
  request: FastifyRequest,
  reply: FastifyReply,
  desk: Desk,
): Promise<SeedContext> => {
  const path = request.url.split("?", 1)[0] ?? "";
  const wish = { permission: route.permission, resource: `${request.method} ${path}` };
  const actor = await authorize(request.actor, wish, desk.control.audit);
  const params = request.params as Readonly<Record<string, string>>;
  if (Object.values(params).includes("")) throw new AirfleetError("ROUTE_UNKNOWN", { method: request.method, path });
  return {
    ...desk,
    actor,
    params,
    query: request.query as Readonly<Record<string, unknown>>,
    body: request.body,
    header: (name) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    signal: abortWhenClientLeaves(reply),
  };
};

const answerFanOut = async (
  route: Extract<SeedRoute, { kind: "fan-out" }>,
  context: SeedContext,
  reply: FastifyReply,
): Promise<void> => {
  const strict = isStrict(context.query);
  const { clients, ignored } = selectClients(listClients(context.control, context.actor), context.query.clients, {
    isStrict: strict,
  });
  const plan = route.plan(context);
  const results = await fanOut(clients, plan.ask, context.signal);
  if (context.signal.aborted) return;
  const outcome = outcomeOf(results);
  const frame = { ...plan.frame, outcome, ignored_clients: ignored };
  const status = statusOf(outcome, strict);
  const chunks =
    plan.present === undefined
      ? toChunks({ ...plan.heading, ...countsOf(results), ...frame }, results)
      : [Buffer.from(JSON.stringify(plan.present(results, frame)))];
  sendChunks(reply, status, chunks);
};

/** Registers the seed's API. It translates to the use cases and does nothing of its own. */
export const serveMultiClient = (app: FastifyInstance, desk: Desk): void => {
  for (const route of SEED_ROUTES) {
    app.route({
      method: route.method,
      url: route.path,
      handler: async (request, reply) => {
        const context = await openRequest(route, request, reply, desk);
        if (route.kind === "own") {
          void reply.send(route.answer(context));
          return reply;
        }
        await answerFanOut(route, context, reply);
        return reply;
      },
    });
  }
};
