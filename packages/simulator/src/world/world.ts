import type { Clock } from "../clock/clock.ts";
import { type Micros, SECOND } from "../clock/instant.ts";
import type { DagRecord } from "./dag-record.ts";
import type {
  AssetEventRecord,
  AssetRecord,
  BackfillRecord,
  ConnectionRecord,
  EventRecord,
  ImportErrorRecord,
  PoolRecord,
  VariableRecord,
} from "./house-records.ts";
import type { RunRecord } from "./run-record.ts";

export type Generation = 2 | 3;

/** Everything one simulated deployment knows: plain records, no HTTP and no timers in here. */
export interface World {
  readonly instanceId: string;
  readonly generation: Generation;
  readonly seed: number;
  readonly clock: Clock;
  /** How many times faster than in real life tasks run and the scheduler reacts. */
  readonly timeScale: number;
  readonly dags: Map<string, DagRecord>;
  /** In order of their row id. */
  readonly runs: RunRecord[];
  /** Queued and running ones of all DAGs. */
  readonly open: Set<RunRecord>;
  readonly pools: Map<string, PoolRecord>;
  readonly variables: Map<string, VariableRecord>;
  readonly connections: Map<string, ConnectionRecord>;
  /** By absolute path. */
  readonly importErrors: Map<string, ImportErrorRecord>;
  readonly events: EventRecord[];
  readonly assets: Map<string, AssetRecord>;
  readonly assetEvents: AssetEventRecord[];
  readonly backfills: BackfillRecord[];
  /** Files asked to be parsed next and not parsed yet. */
  readonly pendingParses: Set<string>;
  /** Next free row ids. */
  readonly ids: {
    run: number;
    event: number;
    importError: number;
    asset: number;
    assetEvent: number;
    backfill: number;
  };
  /** How many finished runs a DAG keeps; older ones are dropped so that a demo can run for days. */
  readonly keepRunsPerDag: number;
  /** The last time handed out, so that no two rows share a microsecond. */
  lastInstant: Micros;
}

export interface WorldOptions {
  readonly instanceId: string;
  readonly generation: Generation;
  readonly seed: number;
  readonly clock: Clock;
  readonly timeScale: number;
  readonly keepRunsPerDag: number;
}

export const createWorld = (options: WorldOptions): World => ({
  ...options,
  dags: new Map(),
  runs: [],
  open: new Set(),
  pools: new Map([
    ["default_pool", { name: "default_pool", slots: 128, description: "Default pool", includeDeferred: false }],
  ]),
  variables: new Map(),
  connections: new Map(),
  importErrors: new Map(),
  events: [],
  assets: new Map(),
  assetEvents: [],
  backfills: [],
  pendingParses: new Set(),
  ids: { run: 1, event: 1, importError: 1, asset: 1, assetEvent: 1, backfill: 1 },
  lastInstant: 0,
});

/** The time now, never the same twice: Airflow 2 tells runs apart by their date. */
export const uniqueNow = (world: World): Micros => {
  world.lastInstant = Math.max(world.clock.now(), world.lastInstant + 1);
  return world.lastInstant;
};

/** A span of simulated work in clock time. */
export const scaled = (world: World, seconds: number): Micros => Math.round((seconds * SECOND) / world.timeScale);

export const findRun = (world: World, dagId: string, runId: string): RunRecord | undefined =>
  world.dags.get(dagId)?.runs.get(runId);

/** All DAGs by id, the order in which both generations list them. */
export const dagsInOrder = (world: World): DagRecord[] =>
  [...world.dags.values()].sort((a, b) => (a.dagId < b.dagId ? -1 : a.dagId > b.dagId ? 1 : 0));

/** Notes that a run is queued or running. */
export const openRun = (world: World, run: RunRecord): void => {
  run.dag.open.add(run);
  world.open.add(run);
};

/** Notes that a run is over. */
export const shutRun = (world: World, run: RunRecord): void => {
  run.dag.open.delete(run);
  world.open.delete(run);
};

export const removeRun = (world: World, run: RunRecord): void => {
  run.dag.runs.delete(run.runId);
  shutRun(world, run);
  const index = indexOfRun(world, run);
  if (index >= 0) world.runs.splice(index, 1);
};

/** Row ids only rise, so a run is found by halving. */
const indexOfRun = (world: World, run: RunRecord): number => {
  let low = 0;
  let high = world.runs.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const seq = world.runs[middle]?.seq ?? 0;
    if (seq === run.seq) return middle;
    if (seq < run.seq) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
};
