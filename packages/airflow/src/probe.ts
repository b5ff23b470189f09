import type { Probe } from "@airfleet/engine";
import { isAirfleetError } from "@airfleet/model";
import { accessCheck } from "./access-check.ts";
import type { AirflowVersion } from "./airflow-version.ts";
import { type Api, toRequest } from "./api.ts";
import type { Deadline } from "./http/deadline.ts";
import { parseAnswer } from "./http/parse-answer.ts";

/** The releases that our tests run against. */
const isTested = ({ generation, minor }: AirflowVersion): boolean => (generation === 2 ? minor === 11 : minor === 3);

const isAuthenticated = async (api: Api, deadline: Deadline): Promise<boolean> => {
  try {
    await api.http.call(accessCheck(api.dialect.root), deadline);
    return true;
  } catch (error) {
    const codes = [
      "INSTANCE_CREDENTIALS_REFUSED",
      "INSTANCE_FORBIDDEN",
      "INSTANCE_TOKEN_COMMAND_FAILED",
      "INSTANCE_REDIRECTED",
    ] as const;
    if (isAirfleetError(error, ...codes)) return false;
    throw error;
  }
};

/** The instance's clock minus ours. Its `Date` has whole seconds, cut off: half a second is added, for the middle. */
const clockSkewMs = (date: string | undefined, sentAt: number, receivedAt: number): number | null => {
  const theirs = Date.parse(date ?? "");
  return Number.isNaN(theirs) ? null : Math.round(theirs + 500 - (sentAt + receivedAt) / 2);
};

/** Version, health, abilities, and whether we are let in. */
export const probe = async (api: Api, deadline: Deadline): Promise<Probe> => {
  const { http, dialect } = api;
  const request = toRequest(api, "GET", dialect.healthPath);
  const sentAt = http.clock.now();
  const startedAt = http.clock.monotonic();
  const answer = await http.call(request, deadline);
  const latencyMs = http.clock.monotonic() - startedAt;
  return {
    version: dialect.version.text,
    generation: dialect.generation,
    support: isTested(dialect.version) ? "tested" : "from specification",
    capabilities: dialect.capabilities,
    health: parseAnswer(http, request, answer, dialect.shapes.health),
    latencyMs,
    authenticated: await isAuthenticated(api, deadline),
    clockSkewMs: clockSkewMs(answer.headers.date, sentAt, http.clock.now()),
  };
};
