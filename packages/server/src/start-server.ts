import { type AddressInfo } from "node:net";
import type { Control } from "@airfleet/control";
import { AirfleetError } from "@airfleet/model";
import type { Logger } from "pino";
import { authorize } from "./access/authorize.ts";
import type { Gatekeeper } from "./access/gatekeeper.ts";
import { isLoopback } from "./access/host-name.ts";
import { createLocalGatekeeper } from "./access/local-gatekeeper.ts";
import { createRateLimits, DEFAULT_RATE_LIMITS, type RateLimitSettings } from "./access/rate-limits.ts";
import { createStanding, everlasting } from "./access/standing.ts";
import { createTokenGatekeeper } from "./access/token-gatekeeper.ts";
import { isExperimentalPath } from "./compat/experimental/addressed.ts";
import { answerExperimentalError } from "./compat/experimental/refusal.ts";
import { serveExperimental } from "./compat/experimental/surface.ts";
import { answerSeedError } from "./compat/multi-client/seed-error.ts";
import { isSeedPath, serveMultiClient } from "./compat/multi-client/surface.ts";
import { serveReportPaths } from "./compat/reports/surface.ts";
import { answerOtherMethods } from "./http/allowed-methods.ts";
import { type AnswerError, answerProblem, createApp } from "./http/create-app.ts";
import { serveContract } from "./http/serve-contract.ts";
import { createDrain } from "./lifecycle/drain.ts";
import type { ServerMetrics } from "./metrics/metrics.ts";
import { observeRequests } from "./metrics/observe-requests.ts";
import { servePages } from "./pages/serve-pages.ts";
import { BOUND_ROUTES } from "./routes/bound-routes.ts";
import type { Desk } from "./routes/bound-route.ts";
import type { House } from "./routes/house.ts";
import { createOpenStreams } from "./streams/open-streams.ts";
import type { KeptAnswers } from "./routes/repeatable.ts";

/** What requests in flight get when the server stops. */
export const DRAIN_MS = 25_000;

export interface ServerOptions {
  readonly control: Control;
  readonly logger: Logger;
  readonly metrics: ServerMetrics;
  readonly version: string;
  readonly authMode: "local" | "token";
  /** Address to listen on; local mode takes loopback only. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** More host names that local mode answers to. */
  readonly hosts?: readonly string[];
  readonly settings?: House["settings"];
  /** Whose experimental API stands at the root; the only Airflow when absent. */
  readonly experimentalInstance?: string | undefined;
  /** The OpenAPI document that `/openapi.json` answers. */
  readonly openApi: object;
  /** Where answers to keyed requests are kept. */
  readonly kept: KeptAnswers;
  /** Folder of the built interface; without it, a page says how to build it. */
  readonly pages?: string | undefined;
  readonly rateLimits?: RateLimitSettings;
}

/** A server that listens. */
export interface RunningServer {
  /** Base URL, without a slash at the end. */
  readonly url: string;
  /** `/readyz` answers 503 at once; requests in flight may end, for at most 25 s; then every connection is closed. */
  close(): Promise<void>;
}

const urlOf = ({ address, port, family }: AddressInfo): string =>
  `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another process uses this address",
  EACCES: "this account may not use the port",
  EADDRNOTAVAIL: "this machine has no such address",
};

const whyNot = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return ("code" in error ? REASONS[String(error.code)] : undefined) ?? error.message;
};

/** Each surface tells its errors in its own words. */
const answerErrorOf = (url: string): AnswerError => {
  if (isExperimentalPath(url)) return answerExperimentalError;
  return isSeedPath(url) ? answerSeedError : answerProblem;
};

/**
 * Serves the API, the first seed's API and the house's own routes.
 *
 * @throws {AirfleetError} LOCAL_MODE_EXPOSED when local mode should listen on more than loopback; LISTEN_FAILED when
 *   the address is taken or not ours
 */
export const startServer = async (options: ServerOptions): Promise<RunningServer> => {
  const { control, logger, metrics, host, port } = options;
  if (options.authMode === "local" && !isLoopback(host)) throw new AirfleetError("LOCAL_MODE_EXPOSED", { host });

  const app = createApp({
    logger,
    answerError: (error, request, reply) => answerErrorOf(request.url)(error, request, reply),
  });
  const drain = createDrain(app);
  observeRequests(app, metrics);
  await servePages(app, options.pages);
  const limits = await createRateLimits(app, options.rateLimits ?? DEFAULT_RATE_LIMITS);
  const gatekeeper: Gatekeeper =
    options.authMode === "local"
      ? createLocalGatekeeper(options.hosts)
      : createTokenGatekeeper(control.access, limits, ({ url }) => isExperimentalPath(url));
  app.addHook("onRequest", async (request) => {
    try {
      request.actor = await gatekeeper.admit(request);
    } catch (error) {
      if (error instanceof AirfleetError) metrics.refused(error.code);
      throw error;
    }
  });

  const routes: { method: string; url: string }[] = [];
  app.addHook("onRoute", ({ method, url }) => {
    for (const each of [method].flat()) if (each !== "HEAD") routes.push({ method: each, url });
  });
  const streams = createOpenStreams(options.authMode === "local" ? everlasting : createStanding(control.access));
  const desk: Desk = {
    control,
    kept: options.kept,
    streams,
    limits,
    house: {
      version: options.version,
      authMode: options.authMode,
      settings: options.settings ?? (() => []),
      isDraining: () => drain.isDraining(),
    },
  };
  serveContract(app, Object.values(BOUND_ROUTES), desk);
  serveMultiClient(app, desk);
  await serveExperimental(app, desk, options.experimentalInstance);
  await serveReportPaths(app, desk);
  const openApi = JSON.stringify(options.openApi);
  app.get("/openapi.json", (_request, reply) => reply.type("application/json; charset=utf-8").send(openApi));
  app.get("/metrics", async (request, reply) => {
    await authorize(request.actor, { permission: "system:read", resource: "GET /metrics" }, control.audit);
    return reply.type(metrics.contentType).send(await metrics.print());
  });
  answerOtherMethods(app, [...routes]);

  await app.listen({ host, port }).catch(async (cause: unknown) => {
    await app.close();
    throw new AirfleetError("LISTEN_FAILED", { host, port, reason: whyNot(cause) }, { cause });
  });
  const address = app.server.address();
  const url = address === null || typeof address === "string" ? `http://${host}:${port}` : urlOf(address);
  return {
    url,
    async close() {
      drain.begin();
      streams.endAll();
      const left = await drain.settle(DRAIN_MS);
      if (left > 0) logger.warn({ requests: left }, "requests were cut off, since they did not end in time");
      const closed = app.close();
      app.server.closeAllConnections();
      await closed;
    },
  };
};
