import { AirfleetError } from "@airfleet/model";
import type { DagSpec, TaskSpec } from "./dag-spec.ts";

/** One task with its place in the graph. */
export interface GraphTask {
  readonly spec: TaskSpec;
  readonly taskId: string;
  readonly upstream: readonly string[];
  readonly downstream: readonly string[];
  /** 1 + number of tasks behind it, as Airflow's weight rule `downstream` counts. */
  readonly priorityWeight: number;
}

/** The tasks of a DAG in an order in which every task stands behind its upstream ones. */
export interface DagGraph {
  readonly tasks: readonly GraphTask[];
  readonly byId: ReadonlyMap<string, GraphTask>;
  /** Ids of the tasks without downstream: they decide how a run ends. */
  readonly leaves: ReadonlySet<string>;
  /** Number of task instances a run has. */
  readonly instanceCount: number;
}

/** By list of tasks: generated DAGs share a few lists, and so their graphs. */
const graphs = new WeakMap<DagSpec["tasks"], DagGraph>();

const invalid = ({ dagId }: DagSpec, reason: string): AirfleetError =>
  new AirfleetError("SIMULATION_INVALID", { subject: `DAG ${dagId}`, reason });

const collectBehind = (specs: ReadonlyMap<string, TaskSpec>, taskId: string): Set<string> => {
  const behind = new Set<string>();
  const open = [...(specs.get(taskId)?.downstream ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (behind.has(next)) continue;
    behind.add(next);
    open.push(...(specs.get(next)?.downstream ?? []));
  }
  return behind;
};

const buildGraph = (spec: DagSpec): DagGraph => {
  const specs = new Map(spec.tasks.map((task) => [task.taskId, task]));
  const upstream = new Map<string, string[]>(spec.tasks.map((task) => [task.taskId, []]));
  for (const task of spec.tasks) {
    for (const target of task.downstream ?? []) {
      const sources = upstream.get(target);
      if (sources === undefined)
        throw invalid(spec, `has an edge from ${task.taskId} to ${target}, which is no task of it`);
      sources.push(task.taskId);
    }
  }
  const tasks: GraphTask[] = [];
  const placed = new Set<string>();
  for (let left = [...spec.tasks]; left.length > 0; ) {
    const ready = left.filter((task) => (upstream.get(task.taskId) ?? []).every((id) => placed.has(id)));
    if (ready.length === 0) throw invalid(spec, `has a cycle among ${left.map((task) => task.taskId).join(", ")}`);
    for (const task of ready) {
      placed.add(task.taskId);
      tasks.push({
        spec: task,
        taskId: task.taskId,
        upstream: upstream.get(task.taskId) ?? [],
        downstream: task.downstream ?? [],
        priorityWeight: 1 + collectBehind(specs, task.taskId).size,
      });
    }
    left = left.filter((task) => !placed.has(task.taskId));
  }
  return {
    tasks,
    byId: new Map(tasks.map((task) => [task.taskId, task])),
    leaves: new Set(tasks.filter((task) => task.downstream.length === 0).map((task) => task.taskId)),
    instanceCount: spec.tasks.reduce((sum, task) => sum + (task.mapped ?? 1), 0),
  };
};

/**
 * The graph of a spec's tasks, built once per list of tasks.
 *
 * @throws {AirfleetError} SIMULATION_INVALID for a cycle or an edge to an unknown task
 */
export const graphOf = (spec: DagSpec): DagGraph => {
  const known = graphs.get(spec.tasks);
  if (known !== undefined) return known;
  const built = buildGraph(spec);
  graphs.set(spec.tasks, built);
  return built;
};
