import type { Micros } from "../clock/instant.ts";
import { assetOf } from "../scheduler/asset-updates.ts";
import { continueSchedule } from "../scheduler/run-schedule.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import { nextRunOf } from "../scheduler/timetable.ts";
import type { DagSpec } from "../specs/dag-spec.ts";
import { graphOf } from "../specs/dag-graph.ts";
import { uuidOf } from "./chance.ts";
import { type DagRecord, fileOf } from "./dag-record.ts";
import { removeRun, uniqueNow, type World } from "./world.ts";

const versionFor = (dag: DagRecord, number: number, at: Micros) => ({
  id: uuidOf(at, number, "version", dag.dagId, number),
  number,
  createdAt: at,
});

const newDag = (spec: DagSpec, at: Micros): DagRecord => ({
  dagId: spec.dagId,
  parsed: spec,
  serialized: spec,
  paused: spec.paused ?? false,
  active: true,
  hasImportErrors: false,
  lastParsedAt: at,
  lastLoadedAt: at,
  versions: [],
  nextRun: null,
  lastAutomated: null,
  timer: undefined,
  runs: new Map(),
  open: new Set(),
});

const registerAssets = (world: World, spec: DagSpec, at: Micros): void => {
  const { schedule } = spec;
  if (schedule !== null && typeof schedule === "object" && "assets" in schedule) {
    for (const uri of schedule.assets) assetOf(world, uri, at);
  }
  for (const task of spec.tasks) for (const uri of task.outlets ?? []) assetOf(world, uri, at);
};

/** What a first look at a file sees: times, tags, description, source. */
export const parseDag = (world: World, spec: DagSpec): DagRecord => {
  const at = uniqueNow(world);
  graphOf(spec);
  const dag = world.dags.get(spec.dagId) ?? newDag(spec, at);
  world.dags.set(spec.dagId, dag);
  dag.parsed = spec;
  dag.active = true;
  dag.hasImportErrors = false;
  dag.lastParsedAt = at;
  world.importErrors.delete(fileOf(spec));
  return dag;
};

/** What becomes visible when the serialized form is stored: doc_md, tasks, params, schedule; then it can be triggered anew. */
export const serializeDag = (world: World, scheduler: Scheduler, dag: DagRecord): void => {
  const at = uniqueNow(world);
  const isChanged = dag.serialized !== dag.parsed;
  // A version that no run uses yet is changed in place, so its number proves nothing.
  const latest = dag.versions.at(-1);
  const isUsed = latest !== undefined && dag.runs.values().some((run) => run.version === latest);
  if (latest === undefined) dag.versions = [versionFor(dag, 1, at)];
  else if (isChanged && isUsed) dag.versions = [...dag.versions, versionFor(dag, dag.versions.length + 1, at)];
  dag.serialized = dag.parsed;
  dag.lastLoadedAt = at;
  registerAssets(world, dag.serialized, at);
  dag.nextRun = nextRunOf(world.generation, dag.serialized, dag.lastAutomated, world.clock.now());
  continueSchedule(world, scheduler, dag);
};

/** Seconds until a file is looked at again, before the time scale. */
const PARSE_AGAIN_SECONDS = 30;

/** Both generations refuse to delete a DAG of which a task runs. */
export const hasRunningTask = (dag: DagRecord): boolean =>
  dag.runs.values().some((run) => run.tasks?.some(({ state }) => state === "running") === true);

/** Takes a DAG and its runs out. Its file is still there, so it comes back with the next parse, as it was first written. */
export const deleteDag = (world: World, scheduler: Scheduler, dag: DagRecord): void => {
  dag.timer?.cancel();
  for (const run of dag.runs.values()) removeRun(world, run);
  world.dags.delete(dag.dagId);
  if (!dag.active) return;
  scheduler.later(PARSE_AGAIN_SECONDS, () => {
    if (!world.dags.has(dag.dagId)) serializeDag(world, scheduler, parseDag(world, dag.parsed));
  });
};

/** The file of this path does not parse (any more). DAGs known from it are kept; Airflow 3 also calls them stale. */
export const breakFile = (world: World, scheduler: Scheduler, file: string, stackTrace: string): void => {
  const at = uniqueNow(world);
  const known = world.importErrors.get(file);
  world.importErrors.set(file, { id: known?.id ?? world.ids.importError++, file, stackTrace, at });
  for (const dag of world.dags.values()) {
    if (fileOf(dag.parsed) !== file) continue;
    dag.hasImportErrors = true;
    if (world.generation === 3) dag.active = false;
    continueSchedule(world, scheduler, dag);
  }
};

/** The scheduler noticed that the file of this path is gone. */
export const noticeRemoval = (world: World, scheduler: Scheduler, file: string): void => {
  world.importErrors.delete(file);
  for (const dag of world.dags.values()) {
    if (fileOf(dag.parsed) !== file) continue;
    dag.active = false;
    continueSchedule(world, scheduler, dag);
  }
};
