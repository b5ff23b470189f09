import { rm } from "node:fs/promises";
import type { CallOptions, Engine } from "@airfleet/engine";
import { AirfleetError, type InstanceId } from "@airfleet/model";
import type { StepRunner } from "../steps/step-runner.ts";
import { openEngineDatabase } from "./database/open-database.ts";
import type { Now } from "./instants.ts";
import type { Logger } from "./logger.ts";
import { logFolder } from "./logs/try-log.ts";
import { USUAL_RETRY } from "./plans/loaded-plan.ts";
import { createPlanShelf } from "./plans/plan-shelf.ts";
import * as dags from "./port/dag-calls.ts";
import { checker, type EnginePlace } from "./port/place.ts";
import * as house from "./port/probe-calls.ts";
import * as runs from "./port/run-calls.ts";
import * as tasks from "./port/task-calls.ts";
import { runFolder } from "./work/carry-out.ts";
import type { EngineLimits } from "./work/limits.ts";
import { createWorker } from "./work/worker.ts";

export interface EmbeddedEngineOptions {
  readonly instance: InstanceId;
  /** Where `engine.db`, logs and rows are: a local disk, of this machine alone. */
  readonly directory: string;
  /** The product's version. */
  readonly version: string;
  /**
   * Makes what carries out steps, once this process runs the work; every process of it must carry this environment.
   * Absent: this process reads and asks, and leaves the work to others.
   */
  readonly openRunner?: (environment: Readonly<Record<string, string>>) => StepRunner;
  readonly limits?: Partial<EngineLimits>;
  /** Default: the clock. */
  readonly now?: Now;
  readonly logger?: Logger;
}

const GIGABYTE = 1_000_000_000;
const DAY_HOURS = 24;

const USUAL_LIMITS: EngineLimits = {
  concurrency: 4,
  pools: {},
  logBytes: 10_000_000,
  keepHours: DAY_HOURS,
  keepFailedHours: 3 * DAY_HOURS,
  keepBytes: 20 * GIGABYTE,
  keepRunsHours: 90 * DAY_HOURS,
  missedRuns: "latest",
  retry: USUAL_RETRY,
};

const nothing = (): void => undefined;
const SILENT: Logger = { info: nothing, warn: nothing, error: nothing };

/**
 * The embedded engine: plans carried out on this machine, remembered in one SQLite file. Any number of processes of the
 * machine may open the file and ask; one of them runs the work, and when it dies another takes over.
 *
 * @throws when the file cannot be opened, or was written by a newer version
 */
export const createEmbeddedEngine = (options: EmbeddedEngineOptions): Engine => {
  const { instance, version, openRunner, now = Date.now, logger = SILENT } = options;
  const limits = { ...USUAL_LIMITS, ...options.limits };
  const database = openEngineDatabase(options.directory);
  const shelf = createPlanShelf(database);
  const worker = openRunner === undefined ? null : createWorker({ database, shelf, openRunner, limits, now, logger });
  const place: EnginePlace = {
    instance,
    version,
    database,
    shelf,
    limits,
    now,
    at: () => now() * 1_000,
    wake: (run) => worker?.wake(run),
  };
  let closing: Promise<void> | undefined;

  const checkOpen = (): void => {
    if (closing === undefined) return;
    throw new AirfleetError("INSTANCE_UNREACHABLE", { instance, url: options.directory, reason: "it was closed" });
  };
  const call = async <Value>(given: CallOptions | undefined, work: () => Value | Promise<Value>): Promise<Value> => {
    // Whoever gives up in the same breath is heard.
    await Promise.resolve();
    given?.signal?.throwIfAborted();
    checkOpen();
    return work();
  };
  const lacks = (ability: string, hint: string): AirfleetError =>
    new AirfleetError("CAPABILITY_MISSING", { instance, version: `embedded ${version}`, ability, hint });
  const dropFolders = async (ids: readonly number[]): Promise<void> => {
    for (const id of ids) {
      await rm(runFolder(database.directory, id), { recursive: true, force: true });
      await rm(logFolder(database.directory, id), { recursive: true, force: true });
    }
  };
  const keepsConfig = (): never => {
    throw lacks(
      "keep variables, connections or pools",
      "Pools stand in embedded.pools; connections are Airfleet's own.",
    );
  };

  return {
    instance,
    kind: "embedded",
    probe: (given) => call(given, () => house.probe(place)),
    capabilities: (given) => call(given, () => house.CAPABILITIES),
    listDags: (query, given) => call(given, () => dags.listDags(place, query)),
    getDag: (dagId, given) => call(given, () => dags.getDag(place, dagId)),
    getDagDetail: (dagId, given) => call(given, () => dags.getDagDetail(place, dagId)),
    getDagSource: (dagId, given) => call(given, () => dags.getDagSource(place, dagId)),
    getDagGraph: (dagId, given) => call(given, () => dags.getDagGraph(place, dagId)),
    listDagVersions: (dagId, given) => call(given, () => dags.listDagVersions(place, dagId)),
    listImportErrors: (given) => call(given, () => dags.listImportErrors(place)),
    requestReparse: (_dagId, given) =>
      call(given, () => {
        throw lacks("read a plan anew", "Deploy it again.");
      }),
    setPaused: (dagId, paused, given) => call(given, () => dags.setPaused(place, dagId, paused)),
    deleteDag: (dagId, given) => call(given, () => dropFolders(dags.deleteDag(place, dagId))),
    trigger: (request, given) => call(given, () => runs.trigger(place, request)),
    getRun: (run, given) => call(given, () => runs.getRun(place, run)),
    listRuns: (query, given) => call(given, () => runs.listRuns(place, query)),
    listTaskInstances: (query, given) => call(given, () => tasks.listTaskInstances(place, query)),
    getTaskInstance: (task, given) => call(given, () => tasks.getTaskInstance(place, task)),
    listTries: (task, given) => call(given, () => tasks.listTries(place, task)),
    async *readLog(request, given) {
      const check = checker(place, given, `log of ${request.taskId}`);
      await Promise.resolve();
      const checkBoth = (): void => {
        check();
        checkOpen();
      };
      checkBoth();
      yield* tasks.readLog(place, request, checkBoth);
    },
    clear: (request, given) => call(given, () => runs.clear(place, request)),
    setTaskState: (request, given) => call(given, () => tasks.setTaskState(place, request)),
    setRunState: (request, given) => call(given, () => runs.setRunState(place, request)),
    deleteRun: (run, given) => call(given, () => dropFolders([runs.deleteRun(place, run)])),
    listConfig: (kind, given) => call(given, () => house.listConfig(place, kind)),
    putConfig: (_entry, given) => call(given, keepsConfig),
    deleteConfig: (_kind, _key, given) => call(given, keepsConfig),
    listAuditEvents: (query, given) => call(given, () => house.listAuditEvents(place, query)),
    traceProcess: (request, given) => call(given, () => tasks.traceProcess(place, request)),
    readStepResults: (run, given) => call(given, () => tasks.readStepResults(place, run)),
    deployPlan: (artifact, given) =>
      call(given, async () => {
        dags.deployPlan(place, artifact);
        await database.synced();
      }),
    removePlan: (dagId, given) => call(given, () => dags.removePlan(place, dagId)),
    close() {
      closing ??= (async () => {
        await worker?.close();
        await database.close();
      })();
      return closing;
    },
  };
};
