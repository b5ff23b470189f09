import type { FastifyInstance } from "fastify";

/**
 * Reads JSON bodies; an empty one is no body, as the first seed's clients send `Content-Type: application/json` alone.
 * `__proto__` and `constructor.prototype` keys are refused. Every other media type is refused too.
 */
export const readJsonBodies = (app: FastifyInstance): void => {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body: string, done) => {
    if (body.trim() === "") {
      done(null, undefined);
      return;
    }
    void parse(request, body, done);
  });
};
