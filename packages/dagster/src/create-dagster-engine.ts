import type { Engine } from "@airfleet/engine";
import type { ResolvedInstanceConfig } from "@airfleet/model";
import {
  type Clock,
  createBreaker,
  createBulkhead,
  createDirectTransport,
  createInstanceHttp,
  createRetryBudget,
  createScrubber,
  type ExchangeRecord,
  type InstancePlace,
  isInstanceFailure,
  systemClock,
} from "@airfleet/http";
import { type Api, capabilityMissing } from "./api.ts";
import { toCapabilities } from "./capabilities.ts";
import { listConfig } from "./config/pools.ts";
import { createCredentials } from "./credentials.ts";
import { createGraphqlClient } from "./graphql/graphql-client.ts";
import { createJobNames } from "./jobs/job-names.ts";
import { getDag, getDagDetail, getDagGraph, listDags, listImportErrors, needJob } from "./jobs/job-reads.ts";
import { reload } from "./jobs/reload.ts";
import { setPaused } from "./jobs/set-paused.ts";
import { readLog } from "./logs/read-log.ts";
import { traceProcess } from "./logs/trace-process.ts";
import { createRunOperation } from "./operations.ts";
import { isGuarded, probe } from "./probe.ts";
import { clear } from "./runs/clear.ts";
import { getRun, listRuns } from "./runs/run-reads.ts";
import { deleteRun, setRunState } from "./runs/run-writes.ts";
import { type LaunchesUnderWay, trigger } from "./runs/trigger.ts";
import { getTaskInstance, listTaskInstances, listTries } from "./tasks/task-reads.ts";

export interface DagsterEngineOptions {
  /** The instance, its secrets in clear. */
  readonly config: ResolvedInstanceConfig;
  /** Default: the machine's own. */
  readonly clock?: Clock;
  /** For jitter; default `Math.random`. */
  readonly random?: () => number;
  /** Told of every request that went out, for metrics. */
  readonly onExchange?: (record: ExchangeRecord) => void;
}

/** Its webserver is one process: more at once only wait there. */
const PLACES = 8;
/** uvicorn closes idle connections after 5 s: ours end first. */
const KEEP_ALIVE_MS = 4_000;

/** The configured URL as it may be shown: without user info and query. */
const shownUrl = (url: string): string => {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.replace(/\/+$/, "")}`;
};

const openApi = ({ config, clock = systemClock, random = Math.random, onExchange }: DagsterEngineOptions) => {
  const place: InstancePlace = {
    instance: config.id,
    url: shownUrl(config.url),
    scrub: createScrubber(config),
    codes: {
      answerInvalid: "INSTANCE_ANSWER_INVALID",
      answerTooLarge: "INSTANCE_ANSWER_TOO_LARGE",
      refused: "INSTANCE_REFUSED",
      serverError: "INSTANCE_SERVER_ERROR",
    },
  };
  const places = config.limits.concurrency ?? PLACES;
  const breaker = createBreaker(clock, random, isInstanceFailure);
  const http = createInstanceHttp({
    place,
    clock,
    random,
    transport: createDirectTransport({ config, connections: places, keepAliveMs: KEEP_ALIVE_MS }),
    credentials: createCredentials(config, place, clock),
    headers: config.headers,
    breaker,
    bulkhead: createBulkhead(places, config.limits.queue),
    places,
    budget: createRetryBudget(clock),
    answerBytes: config.limits.answer_bytes,
    accessCheck: null,
    onExchange,
  });
  const graphql = createGraphqlClient(http);
  const api: Api = { graphql, names: createJobNames(graphql, clock) };
  return { api, breaker, run: createRunOperation(place, clock, config.limits.timeout_ms) };
};

/**
 * One Dagster behind the Engine port, over GraphQL. Jobs are its DAGs, steps its tasks, schedules and sensors its pause
 * flag; a run with its re-executions is one run (ADR 0017). What a Dagster does not have is in `capabilities.lacks`.
 *
 * @throws INSTANCE_AUTH_UNSUPPORTED
 */
export const createDagsterEngine = (options: DagsterEngineOptions): Engine => {
  const { api, breaker, run } = openApi(options);
  const underWay: LaunchesUnderWay = new Map();
  const missing = (ability: string, hint: string): Promise<never> =>
    Promise.reject(capabilityMissing(api, ability, hint));
  const NO_CONFIG = "Variables and connections are in the code location and its environment.";
  return {
    instance: options.config.id,
    kind: "dagster",
    probe: (call) => run(call, (deadline) => probe(api, deadline)),
    capabilities: (call) => run(call, async (deadline) => toCapabilities(await isGuarded(api, deadline))),
    listDags: (query, call) => run(call, (deadline) => listDags(api, query, deadline)),
    getDag: (dagId, call) => run(call, (deadline) => getDag(api, dagId, deadline)),
    getDagDetail: (dagId, call) => run(call, (deadline) => getDagDetail(api, dagId, deadline)),
    getDagSource: (dagId, call) =>
      run(call, async (deadline) => {
        await needJob(api, dagId, deadline);
        throw capabilityMissing(api, "show a job's source", "Look into the repository of its code location.");
      }),
    getDagGraph: (dagId, call) => run(call, (deadline) => getDagGraph(api, dagId, deadline)),
    listDagVersions: () => missing("list versions of a job", "Its code location has one: what is loaded."),
    listImportErrors: (call) => run(call, (deadline) => listImportErrors(api, deadline)),
    requestReparse: (dagId, call) => run(call, (deadline) => reload(api, dagId, deadline)),
    setPaused: (dagId, paused, call) => run(call, (deadline) => setPaused(api, dagId, paused, deadline)),
    deleteDag: () => missing("forget a job", "Take it out of its code location."),
    trigger: (request, call) => run(call, (deadline) => trigger(api, underWay, request, deadline)),
    getRun: (address, call) => run(call, (deadline) => getRun(api, address, deadline)),
    listRuns: (query, call) => run(call, (deadline) => listRuns(api, query, deadline)),
    listTaskInstances: (query, call) => run(call, (deadline) => listTaskInstances(api, query, deadline)),
    getTaskInstance: (task, call) => run(call, (deadline) => getTaskInstance(api, task, deadline)),
    listTries: (task, call) => run(call, (deadline) => listTries(api, task, deadline)),
    readLog: (request, call) => readLog({ api, run }, request, call),
    traceProcess: (request, call) => run(call, (deadline) => traceProcess(api, request, deadline)),
    clear: (request, call) => run(call, (deadline) => clear(api, request, deadline)),
    setTaskState: () => missing("give a step a state", "Clear the run, or stop it."),
    setRunState: (request, call) => run(call, (deadline) => setRunState(api, request, deadline)),
    deleteRun: (address, call) => run(call, (deadline) => deleteRun(api, address, deadline)),
    listConfig: (kind, call) => run(call, (deadline) => listConfig(api, kind, deadline)),
    putConfig: () => missing("change its configuration", NO_CONFIG),
    deleteConfig: () => missing("change its configuration", NO_CONFIG),
    listAuditEvents: () => missing("tell who did what", "Airfleet's own audit log has what went through it."),
    breaker: () => breaker.state(),
    close: () => api.graphql.http.close(),
  };
};
