import type { FastifyReply } from "fastify";

/**
 * A signal that is aborted when the caller hangs up before the answer was sent. Fastify's own `request.signal` listens
 * to the request's `close`, which Node also emits once a body has been read.
 */
export const abortWhenClientLeaves = (reply: FastifyReply): AbortSignal => {
  const leaving = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) leaving.abort();
  });
  return leaving.signal;
};
