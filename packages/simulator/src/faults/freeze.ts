import type { DagRecord } from "../world/dag-record.ts";
import type { Deployment } from "../world/deployment.ts";
import type { RunRecord } from "../world/run-record.ts";
import type { World } from "../world/world.ts";

const copyMap = <Value extends object>(map: ReadonlyMap<string, Value>): Map<string, Value> =>
  new Map([...map].map(([key, value]) => [key, { ...value }]));

const copyRun = (run: RunRecord, dag: DagRecord): RunRecord => {
  const copy: RunRecord = { ...run, dag, tasks: null };
  copy.tasks =
    run.tasks?.map((task) => ({ ...task, run: copy, history: task.history.map((attempt) => ({ ...attempt })) })) ??
    null;
  return copy;
};

const copyDags = (world: World): { readonly dags: Map<string, DagRecord>; readonly runs: RunRecord[] } => {
  const dags = new Map(
    [...world.dags.values()].map((dag) => [
      dag.dagId,
      { ...dag, timer: undefined, runs: new Map<string, RunRecord>(), open: new Set<RunRecord>() },
    ]),
  );
  const runs = world.runs.flatMap((run) => {
    const dag = dags.get(run.dag.dagId);
    if (dag === undefined) return [];
    const copy = copyRun(run, dag);
    dag.runs.set(copy.runId, copy);
    if (run.dag.open.has(run)) dag.open.add(copy);
    return [copy];
  });
  return { dags, runs };
};

/** A deployment as it stands now, for ever: its clock has stopped. Only good for reading. */
export const freezeDeployment = (deployment: Deployment): Deployment => {
  const { world } = deployment;
  const { dags, runs } = copyDags(world);
  const now = world.clock.now();
  const frozen: World = {
    ...world,
    clock: { now: () => now, at: () => ({ cancel: () => undefined }), close: () => undefined },
    dags,
    runs,
    open: new Set(runs.filter((run) => run.dag.open.has(run))),
    pools: copyMap(world.pools),
    variables: copyMap(world.variables),
    connections: copyMap(world.connections),
    importErrors: copyMap(world.importErrors),
    events: [...world.events],
    assets: copyMap(world.assets),
    assetEvents: [...world.assetEvents],
    backfills: world.backfills.map((backfill) => ({ ...backfill })),
    pendingParses: new Set(world.pendingParses),
    ids: { ...world.ids },
  };
  return { ...deployment, world: frozen };
};
