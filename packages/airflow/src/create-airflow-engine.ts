import {
  type Clock,
  createScrubber,
  type ExchangeRecord,
  type InstancePlace,
  type TroubleCodes,
  systemClock,
} from "@airfleet/http";
import type { Engine } from "@airfleet/engine";
import type { ResolvedInstanceConfig } from "@airfleet/model";
import { listAuditEvents } from "./config/audit-log.ts";
import { deleteConfig, listConfig, putConfig } from "./config/config.ts";
import {
  getDag,
  getDagDetail,
  getDagGraph,
  getDagSource,
  listDags,
  listDagVersions,
  listImportErrors,
} from "./dags/dag-reads.ts";
import { deleteDag, requestReparse, setPaused } from "./dags/dag-writes.ts";
import { createInstanceLink } from "./instance-link.ts";
import { type AirflowLogger, silentLogger } from "./logger.ts";
import { readLog } from "./logs/read-log.ts";
import { traceProcess } from "./logs/trace-process.ts";
import { readNative } from "./native/read-native.ts";
import { createRunOperation } from "./operations.ts";
import { probe } from "./probe.ts";
import { clear } from "./runs/clear.ts";
import { getRun, listRuns } from "./runs/run-reads.ts";
import { deleteRun, setRunState } from "./runs/run-writes.ts";
import { trigger } from "./runs/trigger.ts";
import { setTaskState } from "./tasks/set-task-state.ts";
import { readStepResults } from "./results/read-step-results.ts";
import { getTaskInstance, listTaskInstances, listTries } from "./tasks/task-reads.ts";
import { createMwaaTransport } from "./transport/mwaa.ts";

export interface AirflowEngineOptions {
  /** The instance, its secrets in clear. */
  readonly config: ResolvedInstanceConfig;
  /** Default: the machine's own. */
  readonly clock?: Clock;
  /** Default: says nothing. */
  readonly logger?: AirflowLogger;
  /** For jitter; default `Math.random`. */
  readonly random?: () => number;
  /** Told of every request that went out, for metrics. */
  readonly onExchange?: (record: ExchangeRecord) => void;
}

const AIRFLOW_CODES: TroubleCodes = {
  answerInvalid: "AIRFLOW_ANSWER_INVALID",
  answerTooLarge: "AIRFLOW_ANSWER_TOO_LARGE",
  refused: "AIRFLOW_REFUSED",
  serverError: "AIRFLOW_SERVER_ERROR",
};

/** The configured URL as it may be shown: without user info and query. */
const shownUrl = (url: string): string => {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.replace(/\/+$/, "")}`;
};

/**
 * One Airflow instance behind the Engine port, REST v1 (2.7 to 2.11) or v2 (3.0 and later). Nothing is sent before the
 * first call; which generation it is, is found out then and remembered. The object holds no secret that could be printed.
 *
 * A caller that aborts its own signal gets that signal's reason; everything else that is thrown is an AirfleetError.
 */
export const createAirflowEngine = (options: AirflowEngineOptions): Engine => {
  const { config, clock = systemClock, logger = silentLogger, random = Math.random, onExchange } = options;
  const place: InstancePlace = {
    instance: config.id,
    url: shownUrl(config.url),
    scrub: createScrubber(config),
    codes: AIRFLOW_CODES,
  };
  if (config.tls.insecure) logger.warn({ instance: config.id }, "TLS certificates of this instance are not verified");
  const mwaa = config.auth.type === "mwaa" ? createMwaaTransport(config, config.auth, clock) : null;
  const link = createInstanceLink({ config, place, clock, random, logger, onExchange, mwaa });
  const timeoutMs = config.limits.timeout_ms;
  const run = createRunOperation({ link, place, clock, timeoutMs });
  return {
    instance: config.id,
    kind: "airflow",
    probe: (call) => {
      link.forget();
      return run(call, probe);
    },
    capabilities: (call) => run(call, async ({ dialect }) => dialect.capabilities),
    listDags: (query, call) => run(call, (api, deadline) => listDags(api, query, deadline)),
    getDag: (dagId, call) => run(call, (api, deadline) => getDag(api, dagId, deadline)),
    getDagDetail: (dagId, call) => run(call, (api, deadline) => getDagDetail(api, dagId, deadline)),
    getDagSource: (dagId, call) => run(call, (api, deadline) => getDagSource(api, dagId, deadline)),
    getDagGraph: (dagId, call) => run(call, (api, deadline) => getDagGraph(api, dagId, deadline)),
    listDagVersions: (dagId, call) => run(call, (api, deadline) => listDagVersions(api, dagId, deadline)),
    listImportErrors: (call) => run(call, listImportErrors),
    requestReparse: (dagId, call) => run(call, (api, deadline) => requestReparse(api, dagId, deadline)),
    setPaused: (dagId, paused, call) => run(call, (api, deadline) => setPaused(api, dagId, paused, deadline)),
    deleteDag: (dagId, call) => run(call, (api, deadline) => deleteDag(api, dagId, deadline)),
    trigger: (request, call) => run(call, (api, deadline) => trigger(api, request, deadline)),
    getRun: (address, call) => run(call, (api, deadline) => getRun(api, address, deadline)),
    listRuns: (query, call) => run(call, (api, deadline) => listRuns(api, query, deadline)),
    listTaskInstances: (query, call) => run(call, (api, deadline) => listTaskInstances(api, query, deadline)),
    getTaskInstance: (task, call) => run(call, (api, deadline) => getTaskInstance(api, task, deadline)),
    listTries: (task, call) => run(call, (api, deadline) => listTries(api, task, deadline)),
    readLog: (request, call) => readLog({ link, place, clock, timeoutMs }, request, call),
    traceProcess: async (request, call) => {
      const generation = await run(call, async ({ dialect }) => dialect.generation);
      return traceProcess(generation, request, readLog({ link, place, clock, timeoutMs }, request, call));
    },
    clear: (request, call) => run(call, (api, deadline) => clear(api, request, deadline)),
    setTaskState: (request, call) => run(call, (api, deadline) => setTaskState(api, request, deadline)),
    setRunState: (request, call) => run(call, (api, deadline) => setRunState(api, request, deadline)),
    deleteRun: (address, call) => run(call, (api, deadline) => deleteRun(api, address, deadline)),
    listConfig: (kind, call) => run(call, (api, deadline) => listConfig(api, kind, deadline)),
    putConfig: (entry, call) => run(call, (api, deadline) => putConfig(api, entry, deadline)),
    deleteConfig: (kind, key, call) => run(call, (api, deadline) => deleteConfig(api, kind, key, deadline)),
    listAuditEvents: (query, call) => run(call, (api, deadline) => listAuditEvents(api, query, deadline)),
    readStepResults: (address, call) => run(call, (api, deadline) => readStepResults(api, address, deadline)),
    readNative: (read, call) => run(call, (api, deadline) => readNative(api, read, deadline)),
    breaker: () => link.breaker(),
    close: () => link.close(),
  };
};
