import type { Micros } from "../clock/instant.ts";
import { graphOf } from "../specs/dag-graph.ts";
import type { RunRecord } from "./run-record.ts";
import type { TaskRecord } from "./task-record.ts";
import { tasksOf } from "./tasks-of-run.ts";
import type { World } from "./world.ts";

export interface TaskSelection {
  readonly runs: readonly RunRecord[];
  /** All when absent. */
  readonly filter?: ((task: TaskRecord) => boolean) | undefined;
  /** A bound that the filter keeps as well: past runs that ended before it are not even computed. */
  readonly changedSince?: Micros | undefined;
}

const mayHave = (run: RunRecord, changedSince: Micros | undefined): boolean =>
  run.tasks !== null || changedSince === undefined || run.updatedAt >= changedSince;

/** All task instances of a selection, in order of run and task. */
export const collectTasks = (world: World, { runs, filter, changedSince }: TaskSelection): TaskRecord[] =>
  runs.flatMap((run) => {
    if (!mayHave(run, changedSince)) return [];
    const tasks = tasksOf(world, run);
    return filter === undefined ? tasks : tasks.filter(filter);
  });

const countOf = (run: RunRecord): number => run.tasks?.length ?? graphOf(run.dag.serialized).instanceCount;

/** One page in order of run and task. Without a filter the runs before and behind the page are only counted. */
export const pageOfTasks = (
  world: World,
  selection: TaskSelection,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): { readonly rows: TaskRecord[]; readonly total: number } => {
  if (selection.filter !== undefined) {
    const all = collectTasks(world, selection);
    return { rows: all.slice(offset, offset + limit), total: all.length };
  }
  const rows: TaskRecord[] = [];
  let total = 0;
  for (const run of selection.runs) {
    const first = total;
    total += countOf(run);
    if (total <= offset || first >= offset + limit) continue;
    rows.push(...tasksOf(world, run).slice(Math.max(0, offset - first), offset + limit - first));
  }
  return { rows, total };
};
