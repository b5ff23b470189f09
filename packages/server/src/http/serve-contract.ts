import type { FastifyInstance } from "fastify";
import type { BoundRoute, Desk } from "../routes/bound-route.ts";

/** `/dags/{dag_id}` of the contract is `/dags/:dag_id` to the router. */
const toRouterPath = (path: string): string => path.replaceAll(/\{([a-z_]+)\}/g, ":$1");

/** Registers every bound route of the contract. */
export const serveContract = (app: FastifyInstance, bound: readonly BoundRoute[], desk: Desk): void => {
  for (const { route, answer } of bound) {
    app.route({
      method: route.method,
      url: toRouterPath(route.path),
      config: { proof: route.proof },
      handler: async (request, reply) => {
        await answer(request, reply, desk);
        return reply;
      },
    });
  }
};
