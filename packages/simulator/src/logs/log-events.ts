import { type Micros, SECOND } from "../clock/instant.ts";
import type { LogLineSpec } from "../specs/dag-spec.ts";
import { chanceOf } from "../world/chance.ts";
import type { TaskRecord, TryRecord } from "../world/task-record.ts";
import { scaled, type World } from "../world/world.ts";

/** One line as a task wrote it, before a generation's format. */
export interface LogEvent {
  readonly at: Micros;
  readonly text: string;
  readonly level: "debug" | "info" | "warning" | "error";
  /** `task` lines are Airflow's own; the streams are what the code printed. */
  readonly origin: "task" | "stdout" | "stderr" | "logger";
  readonly logger: string;
  /** Where Airflow 2 says that it was written; by the origin when absent. */
  readonly file?: string;
  readonly exception?: { readonly type: string; readonly value: string };
}

const plain = (spec: string | LogLineSpec): LogLineSpec => (typeof spec === "string" ? { text: spec } : spec);

const originOf = (line: LogLineSpec): LogEvent["origin"] =>
  line.logger !== undefined || line.exception !== undefined ? "logger" : (line.stream ?? "stdout");

/** When the process of a try is gone; `undefined` while it lives. */
export const processEndOf = ({ forcedAt, killedAt, endAt }: TryRecord): Micros | undefined =>
  (forcedAt === null ? (killedAt ?? endAt) : killedAt) ?? undefined;

/** What the supervisor writes about a process that it ends, in its last half second. */
const killLines = (world: World, attempt: TryRecord, killedAt: Micros): LogEvent[] => {
  const { pid, state } = attempt;
  const own = { origin: "task", logger: "task" } as const;
  const begun = Math.max(attempt.forcedAt ?? 0, killedAt - scaled(world, 0.5));
  if (world.generation === 3) {
    const told = "Server indicated the task shouldn't be running anymore. Terminating process";
    return [
      { ...own, at: begun, text: told, level: "error" },
      { ...own, at: killedAt, text: "Task killed!", level: "error" },
    ];
  }
  const set = `State of this instance has been externally set to ${state}. Terminating instance.`;
  const group = `Sending 15 to group ${pid}. PIDs of all processes in the group: [${pid}]`;
  const status = `Process psutil.Process(pid=${pid}, status='terminated', exitcode=0)`;
  const [runner, processes] = ["local_task_job_runner.py", "process_utils.py"];
  return [
    { ...own, at: begun, text: set, level: "warning", file: `${runner}:346` },
    { ...own, at: begun, text: group, level: "info", file: `${processes}:132` },
    { ...own, at: begun, text: "Received SIGTERM. Terminating subprocesses.", level: "error" },
    { ...own, at: begun, text: "Sending SIGTERM signal to process group", level: "info", file: "subprocess.py:117" },
    {
      ...own,
      at: killedAt,
      text: `${status} (${pid}) terminated with exit code 0`,
      level: "info",
      file: `${processes}:80`,
    },
  ];
};

/** Airflow 2's supervisor writes how a process ended that it did not end itself. */
const exitLine = (world: World, end: Micros, code: number): LogEvent[] =>
  world.generation === 3
    ? []
    : [
        {
          at: end,
          text: `Task exited with return code ${code}`,
          level: "info",
          origin: "task",
          logger: "task",
          file: "local_task_job_runner.py:266",
        },
      ];

const outcomeLines = (world: World, task: TaskRecord, attempt: TryRecord, end: Micros): LogEvent[] => {
  const own = { at: end, origin: "task", logger: "task" } as const;
  const id = `dag_id=${task.run.dag.dagId}, task_id=${task.task.taskId}, run_id=${task.run.runId}`;
  if (attempt.killedAt !== null) return killLines(world, attempt, attempt.killedAt);
  if (attempt.state === "failed" || attempt.state === "up_for_retry") {
    const exception = {
      type: "AirflowException",
      value: "Bash command failed. The command returned a non-zero exit code 1.",
    };
    return [
      { ...own, text: "Task failed with exception", level: "error", exception },
      {
        ...own,
        text: `Marking task as ${attempt.tryNumber <= attempt.maxTries ? "UP_FOR_RETRY" : "FAILED"}. ${id}`,
        level: "info",
      },
      ...exitLine(world, end, 1),
    ];
  }
  if (attempt.endAt === null) return [];
  return [{ ...own, text: `Marking task as SUCCESS. ${id}`, level: "info" }, ...exitLine(world, end, 0)];
};

/** What this try has written until now, oldest first, without the header about where the log was found. */
export const logEventsOf = (world: World, task: TaskRecord, attempt: TryRecord): LogEvent[] => {
  const start = attempt.startAt;
  if (start === null || attempt.tryNumber === 0) return [];
  const now = world.clock.now();
  const { spec, taskId } = task.task;
  const context = { conf: task.run.conf, tryNumber: attempt.tryNumber, mapIndex: task.mapIndex, runId: task.run.runId };
  const log = typeof spec.log === "function" ? spec.log(context) : spec.log;
  const lines = (log ?? [`Running ${taskId}`, `${taskId} is done`]).map(plain);
  const span = scaled(world, spec.durationSeconds ?? 1);
  const own = { level: "info", origin: "task", logger: "task" } as const;
  const head: LogEvent[] = [
    { ...own, at: start, text: "::group::Pre Execute" },
    { ...own, at: start + 1, text: `Starting attempt ${attempt.tryNumber} of ${attempt.maxTries + 1}` },
    { ...own, at: start + 2, text: "::endgroup::" },
  ];
  const body = lines.map((line, index): LogEvent => {
    const jitter = Math.floor(chanceOf("log", taskId, index) * 10);
    const after =
      line.afterSeconds === undefined
        ? (span * (index + 0.5)) / lines.length
        : (line.afterSeconds * SECOND) / world.timeScale;
    return {
      at: Math.round(start + 3 + after + jitter),
      text: line.text,
      level: line.level ?? (line.stream === "stderr" ? "error" : "info"),
      origin: originOf(line),
      logger: line.logger ?? `task.${line.stream ?? "stdout"}`,
      ...(line.exception === undefined ? {} : { exception: line.exception }),
    };
  });
  const end = processEndOf(attempt);
  const tail = end === undefined ? [] : outcomeLines(world, task, attempt, end);
  // A process that was ended early did not get to its later lines.
  const written = body.filter((line) => line.at <= (end ?? now));
  return [...head, ...written, ...tail].filter((line) => line.at <= now);
};

/** Whether more may come. A killed process writes on until it is gone. */
export const isStillWriting = (attempt: TryRecord): boolean =>
  attempt.state === "running" || attempt.state === "restarting" || attempt.state === "deferred";

/** The try of this number: the current one or one of the history. */
export const findTry = (task: TaskRecord, tryNumber: number): TryRecord | undefined =>
  task.tryNumber === tryNumber &&
  !(task.state === "up_for_retry" && task.history.some((old) => old.tryNumber === tryNumber))
    ? task
    : task.history.find((old) => old.tryNumber === tryNumber);

/** Where the log file of a try lies. */
export const logPathOf = (task: TaskRecord, tryNumber: number): string => {
  const map = task.mapIndex >= 0 ? `map_index=${task.mapIndex}/` : "";
  return `/opt/airflow/logs/dag_id=${task.run.dag.dagId}/run_id=${task.run.runId}/task_id=${task.task.taskId}/${map}attempt=${tryNumber}.log`;
};
