import { type Deadline, parseAnswer } from "@airfleet/http";
import type { Probe } from "@airfleet/engine";
import { type InstanceHealth, isAirfleetError } from "@airfleet/model";
import { accessCheck } from "./access-check.ts";
import type { AirflowVersion } from "./airflow-version.ts";
import { type Api, toRequest } from "./api.ts";

/** The releases that our tests run against. */
const isTested = ({ generation, minor }: AirflowVersion): boolean => (generation === 2 ? minor === 11 : minor === 3);

/** Errors that say "you may not", as opposed to "I am not there". */
const NOT_LET_IN = [
  "INSTANCE_CREDENTIALS_REFUSED",
  "INSTANCE_FORBIDDEN",
  "INSTANCE_TOKEN_COMMAND_FAILED",
  "INSTANCE_REDIRECTED",
] as const;

/** The call's outcome, or null when we are not let in. */
const orNotLetIn = async <T>(call: Promise<T>): Promise<T | null> => {
  try {
    return await call;
  } catch (error) {
    if (isAirfleetError(error, ...NOT_LET_IN)) return null;
    throw error;
  }
};

/** The instance's clock minus ours. Its `Date` has whole seconds, cut off: half a second is added, for the middle. */
const clockSkewMs = (date: string | undefined, sentAt: number, receivedAt: number): number | null => {
  const theirs = Date.parse(date ?? "");
  return Number.isNaN(theirs) ? null : Math.round(theirs + 500 - (sentAt + receivedAt) / 2);
};

const NOTHING_KNOWN: InstanceHealth = { healthy: false, components: [] };

/**
 * Version, health, abilities, and whether we are let in. Health needs no credentials in Airflow itself, but may behind a
 * gateway; wrong ones must not hide it, since they are refused before they are sent where a login is needed.
 */
export const probe = async (api: Api, deadline: Deadline): Promise<Probe> => {
  const { http, dialect } = api;
  const request = toRequest(api, "GET", dialect.healthPath);
  const sentAt = http.clock.now();
  const startedAt = http.clock.monotonic();
  const known = await orNotLetIn(http.call(request, deadline));
  const answer = known ?? (await orNotLetIn(http.call({ ...request, isAnonymous: true }, deadline)));
  const latencyMs = http.clock.monotonic() - startedAt;
  const skewMs = clockSkewMs(answer?.headers.date, sentAt, http.clock.now());
  const isLetIn = known !== null && (await orNotLetIn(http.call(accessCheck(dialect.root), deadline))) !== null;
  return {
    version: dialect.version.text,
    generation: dialect.generation,
    support: isTested(dialect.version) ? "tested" : "from specification",
    capabilities: dialect.capabilities,
    health: answer === null ? NOTHING_KNOWN : parseAnswer(http, request, answer, dialect.shapes.health),
    latencyMs,
    authenticated: isLetIn,
    clockSkewMs: skewMs,
  };
};
