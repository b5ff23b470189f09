import { isTerminalTaskState, type StoppedTask, type TaskInstance, type TaskState } from "@airfleet/model";

const NEVER_RAN: ReadonlySet<TaskState> = new Set(["none", "scheduled", "queued", "skipped", "upstream_failed"]);

/** Whether the engine says that something of it goes on. */
export const isUnderWay = ({ state }: TaskInstance): boolean => state === "running" || state === "restarting";

/** Whether a try has, or had, a process on a worker. */
const hadProcess = (task: TaskInstance): boolean => {
  const { state, tryNumber, startedAt, hostname, pid } = task;
  if (isUnderWay(task)) return true;
  const isPlaced = hostname !== null || pid !== null;
  return tryNumber > 0 && startedAt !== null && isPlaced && (!NEVER_RAN.has(state) || pid !== null);
};

export const keyOfTask = ({ taskId, mapIndex }: Pick<StoppedTask, "taskId" | "mapIndex">): string =>
  `${mapIndex} ${taskId}`;

/**
 * The tasks of a run that have a process to be accounted for, as they stand when the run is stopped. One that had ended
 * showed its last sign of life then.
 *
 * @param now Epoch milliseconds.
 */
export const toStoppedTasks = (tasks: readonly TaskInstance[], now: number): readonly StoppedTask[] =>
  tasks.filter(hadProcess).map((task) => {
    const endedAt = isUnderWay(task) || task.endedAt === null ? now : Date.parse(task.endedAt);
    return {
      taskId: task.taskId,
      mapIndex: task.mapIndex,
      tryNumber: task.tryNumber,
      stateBefore: task.state,
      hostname: task.hostname,
      pid: task.pid,
      gone: null,
      lastSignAt: Math.min(now, endedAt),
      isEnding: false,
      seenProcess: null,
      logLines: null,
    };
  });

/**
 * The snapshot with what was read of the tasks since: one that began between the snapshot and the stop is new, and one
 * whose worker had not told its pid yet has it now.
 */
export const joinSnapshot = (
  known: readonly StoppedTask[],
  tasks: readonly TaskInstance[],
  now: number,
): readonly StoppedTask[] => {
  const read = new Map(toStoppedTasks(tasks, now).map((task) => [keyOfTask(task), task]));
  const joined = known.map((task) => {
    const found = read.get(keyOfTask(task));
    if (found === undefined) return task;
    // The next try has a process of its own, and the one before it had ended.
    if (found.tryNumber > task.tryNumber) return { ...found, lastSignAt: now };
    return { ...task, hostname: task.hostname ?? found.hostname, pid: task.pid ?? found.pid };
  });
  const names = new Set(known.map(keyOfTask));
  const added = [...read.values()].filter((task) => !names.has(keyOfTask(task)));
  return [...joined, ...added.map((task) => ({ ...task, lastSignAt: now }))];
};

/** Whether the engine has nothing left to do for these tasks. */
export const areEnded = (tasks: readonly TaskInstance[]): boolean =>
  tasks.every(({ state }) => isTerminalTaskState(state) || state === "none");
