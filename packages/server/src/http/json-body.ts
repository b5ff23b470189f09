import type { FastifyInstance } from "fastify";

declare module "fastify" {
  interface FastifyRequest {
    /** The body as it came, where a signature is over its bytes. */
    bytes: Uint8Array | null;
  }
}

/**
 * Reads JSON bodies; an empty one is no body, as the first seed's clients send `Content-Type: application/json` alone.
 * `__proto__` and `constructor.prototype` keys are refused. Every other media type is refused too.
 */
export const readJsonBodies = (app: FastifyInstance): void => {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.decorateRequest("bytes", null);
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body: Buffer, done) => {
    if (request.routeOptions.config.proof === "signature") request.bytes = body;
    const text = body.toString("utf8");
    if (text.trim() === "") {
      done(null, undefined);
      return;
    }
    void parse(request, text, done);
  });
};
