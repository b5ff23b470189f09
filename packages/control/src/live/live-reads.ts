import type { Engine } from "@airfleet/engine";
import { AirfleetError, type ConfigEntry, type InstanceId, type LogLine } from "@airfleet/model";
import type { LiveUseCases, ReadOptions } from "../control.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";

type LogReader = LiveUseCases["log"];

/** The newest try of a task. @throws {AirfleetError} LOG_UNAVAILABLE when it has none yet. */
const findNewestTry = async (
  engine: Engine,
  request: Parameters<LogReader>[1],
  options: ReadOptions,
): Promise<number> => {
  const { tryNumber } = await engine.getTaskInstance(request, options);
  if (tryNumber > 0) return tryNumber;
  throw new AirfleetError("LOG_UNAVAILABLE", {
    task_id: request.taskId,
    try_number: 0,
    dag_id: request.dagId,
    run_id: request.runId,
    reason: "the task has not run yet",
  });
};

/** Reads that go to an instance now. Besides actions and polling, nothing else calls one. */
export const createLiveReads = (registry: InstanceRegistry): LiveUseCases => {
  /** The instance's own limit holds unless the caller wants less. */
  const bounded = (instance: InstanceId, options: ReadOptions = {}): ReadOptions => {
    const { timeout_ms: limit } = registry.getEnabled(instance).config.limits;
    return { ...options, timeoutMs: Math.min(options.timeoutMs ?? limit, limit) };
  };

  const read = <Answer>(
    instance: InstanceId,
    options: ReadOptions | undefined,
    call: (engine: Engine, options: ReadOptions) => Promise<Answer>,
  ): Promise<Answer> => registry.use(instance, (engine) => call(engine, bounded(instance, options)));

  async function* readLog(...[instance, request, options]: Parameters<LogReader>): AsyncGenerator<LogLine> {
    const { engine, release } = registry.lend(instance);
    try {
      const { tryNumber, ...place } = request;
      const lookup = bounded(instance, options);
      const wanted = tryNumber ?? (await findNewestTry(engine, request, lookup));
      // A log that is followed, is long, or is read slowly lasts as long as it lasts: only the caller's own bounds hold.
      yield* engine.readLog({ ...place, tryNumber: wanted }, options);
    } finally {
      release();
    }
  }

  return {
    dag: (instance, dagId, options) => read(instance, options, (engine, call) => engine.getDagDetail(dagId, call)),
    source: (instance, dagId, options) => read(instance, options, (engine, call) => engine.getDagSource(dagId, call)),
    graph: (instance, dagId, options) => read(instance, options, (engine, call) => engine.getDagGraph(dagId, call)),
    versions: (instance, dagId, options) =>
      read(instance, options, (engine, call) => engine.listDagVersions(dagId, call)),
    importErrors: (instance, options) => read(instance, options, (engine, call) => engine.listImportErrors(call)),
    runs: (instance, query, options) => read(instance, options, (engine, call) => engine.listRuns(query, call)),
    run: (instance, run, options) => read(instance, options, (engine, call) => engine.getRun(run, call)),
    tasks: (instance, run, options) => read(instance, options, (engine, call) => readTasks(engine, run, call)),
    tries: (instance, task, options) => read(instance, options, (engine, call) => engine.listTries(task, call)),
    log: readLog,
    config: (instance, kinds, options) =>
      read(instance, options, async (engine, call) => {
        const entries: ConfigEntry[] = [];
        for (const kind of kinds) entries.push(...(await engine.listConfig(kind, call)));
        return entries;
      }),
    engineEvents: (instance, query, options) =>
      read(instance, options, (engine, call) => engine.listAuditEvents(query, call)),
    native: (instance, nativeRead, options) =>
      read(instance, options, (engine, call) => {
        if (engine.readNative !== undefined) return engine.readNative(nativeRead, call);
        throw new AirfleetError("CAPABILITY_MISSING", {
          instance,
          version: engine.kind,
          ability: "answer in Airflow's own words",
          hint: "Use the routes under /api/v1.",
        });
      }),
  };
};

/** A run without task instances may be one that is not there: a batch read does not tell the two apart. */
const readTasks: (
  engine: Engine,
  run: Parameters<LiveUseCases["tasks"]>[1],
  options: ReadOptions,
) => ReturnType<LiveUseCases["tasks"]> = async (engine, run, options) => {
  const tasks = await engine.listTaskInstances({ runs: [run] }, options);
  if (tasks.length === 0) await engine.getRun(run, options);
  return tasks;
};
