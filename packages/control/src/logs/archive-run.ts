import { isAirfleetError, type TaskInstance } from "@airfleet/model";
import type { ArchivedLog, Store, StoredRun } from "@airfleet/store";
import type { LiveUseCases } from "../control.ts";
import type { Metrics } from "../metrics.ts";
import { isAbsent } from "../runs/instance-trouble.ts";
import { packLog } from "./pack-log.ts";

/** Tries of one run that are read: a run of ten thousand mapped tasks must not keep the instance busy for an hour. */
const TRIES_PER_RUN = 500;
/** A log that takes longer is tried again; 500 MB take seconds. */
const LOG_TIMEOUT_MS = 10 * 60_000;

interface Try {
  readonly task: TaskInstance;
  readonly tryNumber: number;
}

const nameOf = (taskId: string, mapIndex: number, tryNumber: number): string =>
  JSON.stringify([taskId, mapIndex, tryNumber]);

/** Tries without an archived log, failed tasks and newest tries first. */
const listMissing = (tasks: readonly TaskInstance[], archived: ReadonlySet<string>): readonly Try[] =>
  tasks
    .flatMap((task) =>
      Array.from({ length: task.tryNumber }, (_, index) => ({ task, tryNumber: task.tryNumber - index })),
    )
    .filter(({ task, tryNumber }) => !archived.has(nameOf(task.taskId, task.mapIndex, tryNumber)))
    .toSorted((left, right) => Number(right.task.state === "failed") - Number(left.task.state === "failed"))
    .slice(0, TRIES_PER_RUN);

/**
 * Names of the logs that need not be read again. When the present try of a task began after its log was archived, the
 * run was deleted and made anew under the same id, and none of the task's logs is of this run.
 */
const namesOf = (archived: readonly ArchivedLog[], tasks: readonly TaskInstance[]): ReadonlySet<string> => {
  const taskOf = new Map(tasks.map((task) => [nameOf(task.taskId, task.mapIndex, 0), task]));
  const begins = (log: ArchivedLog): boolean => {
    const task = taskOf.get(nameOf(log.taskId, log.mapIndex, 0));
    return task?.tryNumber === log.tryNumber && Date.parse(task.startedAt ?? "") > log.archivedAt;
  };
  const anew = new Set(archived.filter(begins).map((log) => nameOf(log.taskId, log.mapIndex, 0)));
  const valid = archived.filter((log) => !anew.has(nameOf(log.taskId, log.mapIndex, 0)));
  return new Set(valid.map((log) => nameOf(log.taskId, log.mapIndex, log.tryNumber)));
};

interface ArchiveRunPorts {
  readonly archive: Store["logArchive"];
  readonly live: Pick<LiveUseCases, "tasks" | "log">;
  readonly metrics: Metrics;
  readonly maxTryBytes: number;
}

/**
 * Reads the logs of every try of a run that are not archived yet, one after the other, and keeps them. A try of which
 * the engine has no log is passed over.
 *
 * @throws what a live read throws when the instance cannot be asked; what was read until then stays
 */
export const archiveRun = async (
  { archive, live, metrics, maxTryBytes }: ArchiveRunPorts,
  { key, instance, record }: StoredRun,
  signal: AbortSignal,
): Promise<void> => {
  const { dagId, runId } = record;
  const tasks = await live.tasks(instance, { dagId, runId }, { signal });
  const names = namesOf(await archive.list(key), tasks);
  for (const { task, tryNumber } of listMissing(tasks, names)) {
    const { taskId, mapIndex } = task;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LOG_TIMEOUT_MS)]);
    try {
      const lines = live.log(instance, { dagId, runId, taskId, mapIndex, tryNumber }, { signal: limit });
      const { chunks, sizeBytes, omittedLines } = await packLog(lines, maxTryBytes);
      await archive.put({ run: key, taskId, mapIndex, tryNumber, sizeBytes, omittedLines }, chunks);
      metrics.logArchived("kept");
    } catch (error) {
      if (!isAbsent(error) && !isAirfleetError(error, "CAPABILITY_MISSING")) throw error;
      metrics.logArchived("absent");
    }
  }
};
