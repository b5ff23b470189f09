import { AirfleetError } from "@airfleet/model";
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from "fastify";
import type { Logger } from "pino";
import { answerClientError } from "./client-error.ts";
import { readJsonBodies } from "./json-body.ts";
import { PROBLEM_MEDIA_TYPE, toProblem } from "./problem.ts";
import { chooseRequestId, readTraceparent } from "./request-id.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";
import { BODY_LIMIT_BYTES, toCodedError } from "./to-coded-error.ts";

/** A request must have arrived in full by then: slow senders would hold sockets for ever. */
const REQUEST_TIMEOUT_MS = 30_000;
/**
 * Longest path segment that is looked at, as it is written: a subject's id of 2,000 characters takes up to nine for each
 * when it is percent-encoded. The schemas refuse longer ids with a better message.
 */
const MAX_SEGMENT = 20_000;
/** Room for such a path besides the headers; Node's own 16 KiB would refuse it. */
const MAX_HEADER_BYTES = 40 * 1_024;

/** Answers an error in the words of the surface that the path belongs to. */
export type AnswerError = (error: AirfleetError, request: FastifyRequest, reply: FastifyReply) => void;

export const answerProblem: AnswerError = (error, request, reply) => {
  const { status, headers, body } = toProblem(error, request.id);
  void reply.code(status).headers(headers).type(PROBLEM_MEDIA_TYPE).send(body);
};

const pathOf = (request: FastifyRequest): string => request.url.split("?", 1)[0] ?? "";

/** What went wrong inside us is an error in the log; what an instance did, or a caller, is not. */
const logFailure = (error: AirfleetError, request: FastifyRequest): void => {
  if (error.status < 500) return;
  const isOurs = !/^(AIRFLOW|INSTANCE)_/.test(error.code);
  request.log[isOurs ? "error" : "info"]({ err: error, code: error.code }, "a request failed");
};

const decorate = (request: FastifyRequest, reply: FastifyReply): void => {
  void reply.headers({ ...SECURITY_HEADERS, "x-request-id": request.id });
};

/**
 * Fastify as all surfaces share it: ids, headers, limits, and one place that turns every error into an answer. That
 * handler is set before anything else, since Fastify's own breaks when a route declares a schema for status 400.
 */
export const createApp = (options: { readonly logger: Logger; readonly answerError: AnswerError }): FastifyInstance => {
  const answer = (thrown: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const error = toCodedError(thrown, request);
    // Nobody hears the answer to a caller who has left, and the abort that this caused is no failure.
    if (!reply.raw.destroyed) logFailure(error, request);
    options.answerError(error, request, reply);
  };
  const loggerInstance: FastifyBaseLogger = options.logger;
  const app: FastifyInstance = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "request_id" }),
    genReqId: chooseRequestId,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { maxHeaderSize: MAX_HEADER_BYTES },
    onProtoPoisoning: "error",
    onConstructorPoisoning: "error",
    return503OnClosing: true,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: MAX_SEGMENT, ignoreTrailingSlash: false, caseSensitive: true },
    frameworkErrors: (error, request, reply) => {
      decorate(request, reply);
      answer(error, request, reply);
    },
    clientErrorHandler: answerClientError,
  });
  app.setErrorHandler((error, request, reply) => answer(error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    answer(new AirfleetError("ROUTE_UNKNOWN", { method: request.method, path: pathOf(request) }), request, reply);
  });
  app.decorateRequest("actor", null);
  app.addHook("onRequest", async (request, reply) => {
    decorate(request, reply);
    const trace = readTraceparent(request.headers.traceparent);
    if (trace !== undefined) request.log = request.log.child(trace);
  });
  readJsonBodies(app);
  return app;
};
