import type { FastifyInstance } from "fastify";

/** Stands for a body that is no JSON, so that a missing signature is told before it. */
export const UNREADABLE: unique symbol = Symbol("unreadable");

/** Reads every body as JSON, whatever its media type is said to be: the original does, and its clients rely on it. */
export const readAnyBody = (scope: FastifyInstance): void => {
  const parse = scope.getDefaultJsonParser("error", "error");
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", { parseAs: "string" }, (request, body: string, done) => {
    if (body.trim() === "") {
      done(null, undefined);
      return;
    }
    void parse(request, body, (error, value) => done(null, error === null ? value : UNREADABLE));
  });
};
