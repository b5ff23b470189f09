import {
  type Clock,
  createBreaker,
  createBulkhead,
  createDirectTransport,
  createInstanceHttp,
  createRetryBudget,
  type Deadline,
  type ExchangeRecord,
  type InstanceHttp,
  type InstancePlace,
  isInstanceFailure,
  readRefusal,
  startDeadline,
  type Transport,
  untilAborted,
  type WireAnswer,
} from "@airfleet/http";
import type { BreakerState } from "@airfleet/engine";
import type { ResolvedInstanceConfig } from "@airfleet/model";
import { accessCheck } from "./access-check.ts";
import type { AirflowVersion, Generation } from "./airflow-version.ts";
import type { Api } from "./api.ts";
import { createCredentials } from "./auth/create-credentials.ts";
import { detectUnprefixedVersion, detectVersion } from "./detect-version.ts";
import type { Dialect } from "./dialect.ts";
import type { AirflowLogger } from "./logger.ts";
import { createV1Dialect } from "./v1/dialect.ts";
import { createV2Dialect } from "./v2/dialect.ts";

/** gunicorn closes idle connections after 2 s, uvicorn after 5 s: ours end first. */
const KEEP_ALIVE_MS = { 2: 1_500, 3: 4_000 } as const satisfies Record<Generation, number>;
/** Every basic-auth request costs an Airflow 2 about 80 ms of CPU for its password hash, in one process. */
const BASIC_AUTH_PLACES = 4;
const PLACES = 8;
/** The servers' own page cap, and what fits MWAA's 6 MB and 10 s with room to spare. */
const PAGE_ROWS = { direct: 100, mwaa: 50 } as const;

export interface LinkOptions {
  readonly config: ResolvedInstanceConfig;
  readonly place: InstancePlace;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: AirflowLogger;
  readonly onExchange?: ((record: ExchangeRecord) => void) | undefined;
  /** The door of MWAA; null for plain HTTP. */
  readonly mwaa: Transport | null;
}

/** The connection to one instance: knows its generation once found out, and everything that is shared by its calls. */
export interface InstanceLink {
  /** What operations work on; finds out the generation first when it is not known. */
  connect(deadline: Deadline): Promise<Api>;
  /** Forgets the generation, so that the next `connect` finds it out anew. */
  forget(): void;
  breaker(): BreakerState;
  close(): Promise<void>;
}

const isForeign =
  (generation: Generation) =>
  (answer: WireAnswer): boolean => {
    if (answer.status !== 404) return false;
    const { isHtml, reason } = readRefusal(answer);
    // 3.x says so of every v1 path; 2.x has an HTML page for every v2 path, and JSON for all of v1.
    return isHtml || (generation === 2 && reason.includes("has been removed in Airflow 3"));
  };

export const createInstanceLink = (options: LinkOptions): InstanceLink => {
  const { config, place, clock, random, logger, onExchange, mwaa } = options;
  const breaker = createBreaker(clock, random, isInstanceFailure);
  const budget = createRetryBudget(clock);
  const timeoutMs = config.limits.timeout_ms;
  let known: Api | undefined;
  let pending: Promise<Api> | undefined;
  let lobby: InstanceHttp | undefined;
  let isClosed = false;

  const openHttp = (generation: Generation | null): InstanceHttp => {
    const isBasic = config.auth.type === "basic" || config.auth.type === "login";
    const places = config.limits.concurrency ?? (isBasic && generation === 2 ? BASIC_AUTH_PLACES : PLACES);
    const keepAliveMs = KEEP_ALIVE_MS[generation ?? 2];
    const transport = mwaa ?? createDirectTransport({ config, connections: places, keepAliveMs });
    const { auth, headers } = config;
    return createInstanceHttp({
      place,
      clock,
      random,
      transport,
      credentials: createCredentials({ auth, generation, place, transport, clock, timeoutMs, headers }),
      headers,
      breaker,
      bulkhead: createBulkhead(places, config.limits.queue),
      places,
      budget,
      answerBytes: config.limits.answer_bytes,
      accessCheck: generation === 2 ? accessCheck(mwaa === null ? "/api/v1" : "") : null,
      ...(generation === null ? {} : { isForeign: isForeign(generation) }),
      onExchange,
    });
  };

  const findOut = async (): Promise<Api> => {
    lobby ??= openHttp(null);
    // Not the caller's deadline: others wait for the same answer.
    using deadline = startDeadline(clock, {}, timeoutMs);
    const likely: Generation = config.auth.type === "basic" || config.auth.type === "jwt" ? 2 : 3;
    const version =
      mwaa === null ? await detectVersion(lobby, likely, deadline) : await detectUnprefixedVersion(lobby, deadline);
    if (isClosed) throw new DOMException("the engine is closed", "AbortError");
    // Asked again with every probe, since a server may be upgraded at any time; only news is told.
    if (known?.dialect.version.text === version.text) return known;
    logger.info({ instance: config.id, version: version.text }, "found out the Airflow version");
    const previous = known;
    known = { http: openHttp(version.generation), dialect: toDialect(version, mwaa !== null) };
    if (mwaa === null) await previous?.http.close();
    return known;
  };

  return {
    connect: async (deadline) => {
      if (known !== undefined && pending === undefined) return known;
      pending ??= findOut().finally(() => {
        pending = undefined;
      });
      return untilAborted(pending, deadline.signal);
    },
    forget: () => {
      pending ??= findOut().finally(() => {
        pending = undefined;
      });
      pending.catch(() => undefined);
    },
    breaker: () => breaker.state(),
    close: async () => {
      isClosed = true;
      await Promise.all([known?.http.close(), lobby?.close()]);
    },
  };
};

const toDialect = (version: AirflowVersion, isMwaa: boolean): Dialect => {
  const rows = isMwaa ? PAGE_ROWS.mwaa : PAGE_ROWS.direct;
  return version.generation === 2
    ? createV1Dialect(version, isMwaa ? "" : "/api/v1", rows)
    : createV2Dialect(version, isMwaa ? "" : "/api/v2", rows);
};
