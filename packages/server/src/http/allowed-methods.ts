import { AirfleetError } from "@airfleet/model";
import type { FastifyInstance, HTTPMethods } from "fastify";

const KNOWN = ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"] as const satisfies readonly HTTPMethods[];

/**
 * Answers the methods that a path does not have: OPTIONS with `Allow`, the others with 405 and `Allow`. Called once all
 * routes are known.
 *
 * @param routes Method and path (in Fastify's form) of every route.
 */
export const answerOtherMethods = (
  app: FastifyInstance,
  routes: readonly { readonly method: string; readonly url: string }[],
): void => {
  const methodsOf = new Map<string, Set<string>>();
  for (const { method, url } of routes) {
    const methods = methodsOf.get(url) ?? new Set<string>();
    methods.add(method);
    if (method === "GET") methods.add("HEAD");
    methodsOf.set(url, methods);
  }
  for (const [url, methods] of methodsOf) {
    const allowed = [...methods, "OPTIONS"].join(", ");
    app.route({
      method: "OPTIONS",
      url,
      handler: (_request, reply) => reply.code(204).header("allow", allowed).send(),
    });
    const refused = [...KNOWN, "HEAD" as const].filter((method) => !methods.has(method));
    app.route({
      method: refused,
      url,
      exposeHeadRoute: false,
      handler: (request) => {
        throw new AirfleetError("METHOD_NOT_ALLOWED", {
          method: request.method,
          path: request.url.split("?", 1)[0] ?? "",
          allowed,
        });
      },
    });
  }
};
