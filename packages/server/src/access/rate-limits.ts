import rateLimit from "@fastify/rate-limit";
import { AirfleetError } from "@airfleet/model";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** How many requests a token, and how many failed sign-ins an address, may make in a minute. */
export interface RateLimitSettings {
  /** Default 1,200: a board that refreshes every second with a few calls each. */
  readonly requestsPerMinute: number;
  /** Default 60. */
  readonly failuresPerMinute: number;
}

export const DEFAULT_RATE_LIMITS: RateLimitSettings = { requestsPerMinute: 1_200, failuresPerMinute: 60 };

/** Counters of one server. Each throws RATE_LIMITED with the seconds to wait once its limit is passed. */
export interface RateLimits {
  countRequest(request: FastifyRequest): Promise<void>;
  /** For whoever was refused. One that is over the limit is not counted again, so that it ends. */
  countFailure(request: FastifyRequest): Promise<void>;
}

const refuse = (what: string, limit: number, seconds: number): never => {
  throw new AirfleetError("RATE_LIMITED", { what, limit, retry_after_s: seconds }, { retryAfterSeconds: seconds });
};

/** Registers the plugin's counters with the app; they are kept in this process's memory. */
export const createRateLimits = async (
  app: FastifyInstance,
  { requestsPerMinute, failuresPerMinute }: RateLimitSettings = DEFAULT_RATE_LIMITS,
): Promise<RateLimits> => {
  await app.register(rateLimit, { global: false, cache: 10_000 });
  const byActor = app.createRateLimit({
    max: requestsPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => `actor:${request.actor?.id ?? ""}`,
  });
  const byAddress = app.createRateLimit({
    max: failuresPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => `address:${request.ip}`,
  });
  return {
    async countRequest(request) {
      const count = await byActor(request);
      if (!count.isAllowed && count.isExceeded) refuse("requests", requestsPerMinute, count.ttlInSeconds);
    },
    async countFailure(request) {
      const count = await byAddress(request, { increment: false });
      if (!count.isAllowed && count.isExceeded) refuse("failed sign-ins", failuresPerMinute, count.ttlInSeconds);
      await byAddress(request);
    },
  };
};
