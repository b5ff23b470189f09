import type { Micros } from "../clock/instant.ts";
import { type DagGraph, type GraphTask, graphOf } from "../specs/dag-graph.ts";
import { chanceOf, hashOf, uuidOf } from "./chance.ts";
import type { RunRecord } from "./run-record.ts";
import type { TaskRecord, TryRecord } from "./task-record.ts";
import type { World } from "./world.ts";

const WORKERS = 3;

/** Which worker runs a try, and under which process id. */
export const placeOf = (run: RunRecord, taskId: string, mapIndex: number, tryNumber: number) => {
  const hash = hashOf("place", run.dag.dagId, run.runId, taskId, mapIndex, tryNumber);
  return { hostname: `worker-${1 + (hash % WORKERS)}.example.internal`, pid: 1000 + (hash % 31000) };
};

/** The id of a try, made when somebody looks: a string less for each of a million rows. */
export const tryIdOf = ({ run, task, mapIndex, position }: TaskRecord, { bornAt }: TryRecord): string =>
  uuidOf(bornAt, position, run.seq, run.dag.dagId, run.runId, task.taskId, mapIndex, bornAt);

interface Place {
  readonly task: GraphTask;
  readonly mapIndex: number;
}

const blankTask = (run: RunRecord, { task, mapIndex }: Place, position: number, at: Micros): TaskRecord => ({
  run,
  task,
  mapIndex,
  position,
  bornAt: at,
  state: null,
  tryNumber: 0,
  maxTries: task.spec.retries ?? 0,
  scheduledAt: null,
  queuedAt: null,
  startAt: null,
  endAt: null,
  hostname: "",
  pid: null,
  forcedAt: null,
  killedAt: null,
  note: null,
  updatedAt: at,
  history: [],
  epoch: 0,
  restartPending: false,
});

const mapIndexesOf = (task: GraphTask): number[] =>
  task.spec.mapped === undefined ? [-1] : Array.from({ length: task.spec.mapped }, (_, index) => index);

/** The task instances of a new run, none started. */
export const createTasks = (run: RunRecord, at: Micros): TaskRecord[] =>
  graphOf(run.dag.serialized)
    .tasks.flatMap((task) => mapIndexesOf(task).map((mapIndex) => ({ task, mapIndex })))
    .map((place, position) => blankTask(run, place, position, at));

const levelsOf = (graph: DagGraph): Map<string, number> => {
  const levels = new Map<string, number>();
  for (const task of graph.tasks) {
    levels.set(task.taskId, 1 + Math.max(-1, ...task.upstream.map((id) => levels.get(id) ?? 0)));
  }
  return levels;
};

/** Tasks of a finished run of the history: laid out over the run's span, one of them failed when the run failed. */
const inventTasks = (world: World, run: RunRecord): TaskRecord[] => {
  const graph = graphOf(run.dag.serialized);
  const start = run.startAt ?? run.runAfter;
  const end = run.endAt ?? start;
  const levels = levelsOf(graph);
  const slice = (end - start) / (1 + Math.max(0, ...levels.values()));
  const pick = Math.floor(chanceOf(world.seed, "culprit", run.dag.dagId, run.runId) * graph.tasks.length);
  const culprit = run.state === "failed" ? graph.tasks[pick]?.taskId : undefined;
  const failed = new Set<string>();
  return createTasks(run, run.queuedAt ?? run.runAfter).map((record) => {
    const { task } = record;
    const from = Math.round(start + slice * (levels.get(task.taskId) ?? 0));
    const isUpstreamFailed = task.upstream.some((id) => failed.has(id)) && task.spec.triggerRule !== "all_done";
    if (isUpstreamFailed) {
      failed.add(task.taskId);
      return { ...record, state: "upstream_failed" as const, startAt: from, endAt: from, updatedAt: from };
    }
    const fails = task.taskId === culprit && record.mapIndex <= 0;
    if (fails) failed.add(task.taskId);
    const until = Math.round(from + slice * (0.6 + 0.3 * chanceOf("span", run.runId, task.taskId, record.mapIndex)));
    const tryNumber = fails ? 1 + record.maxTries : 1;
    return {
      ...record,
      state: fails ? ("failed" as const) : ("success" as const),
      tryNumber,
      scheduledAt: from,
      queuedAt: from + 1,
      startAt: from + 2,
      endAt: Math.max(from + 3, until),
      updatedAt: until,
      ...placeOf(run, task.taskId, record.mapIndex, tryNumber),
    };
  });
};

/** The task instances of a run for reading; those of past runs are computed anew each time and take no memory. */
export const tasksOf = (world: World, run: RunRecord): readonly TaskRecord[] => run.tasks ?? inventTasks(world, run);

/** The same for changing: from now on the run keeps them. */
export const ownTasksOf = (world: World, run: RunRecord): TaskRecord[] => {
  run.tasks ??= inventTasks(world, run);
  return run.tasks;
};
