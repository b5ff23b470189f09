import type { FastifyInstance } from "fastify";
import type { ServerMetrics } from "./metrics.ts";

/** Asked many times a minute by machines; not worth a line in the log each time. */
const QUIET = new Set(["/healthz", "/readyz", "/metrics"]);

/** Counts every answer, and writes one line about it. */
export const observeRequests = (app: FastifyInstance, metrics: ServerMetrics): void => {
  app.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "unknown";
    metrics.answered({
      method: request.method,
      route,
      status: reply.statusCode,
      seconds: reply.elapsedTime / 1_000,
    });
    const level = QUIET.has(route) ? "debug" : "info";
    request.log[level](
      {
        method: request.method,
        // The path alone: a query can carry what somebody pasted by mistake.
        path: request.url.split("?", 1)[0],
        status: reply.statusCode,
        duration_ms: Math.round(reply.elapsedTime * 10) / 10,
        ...(request.actor === null ? {} : { actor: request.actor.id }),
      },
      "answered",
    );
  });
};
