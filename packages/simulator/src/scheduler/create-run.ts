import type { Micros } from "../clock/instant.ts";
import type { DagRecord } from "../world/dag-record.ts";
import type { RunRecord, RunType } from "../world/run-record.ts";
import { createTasks } from "../world/tasks-of-run.ts";
import { openRun, type World } from "../world/world.ts";

const NO_CONF: Readonly<Record<string, unknown>> = Object.freeze({});

export interface NewRun {
  readonly dag: DagRecord;
  readonly runId: string;
  readonly runType: RunType;
  readonly logicalAt: Micros | null;
  readonly intervalStart: Micros | null;
  readonly intervalEnd: Micros | null;
  readonly runAfter: Micros;
  readonly at: Micros;
  readonly triggeredBy: string;
  readonly triggeringUser?: string | null;
  readonly conf?: Readonly<Record<string, unknown>>;
  readonly note?: string | null;
  readonly backfillId?: number;
}

/** Adds a queued run with its task instances. Whether the id and date are free is the caller's business. */
export const createRun = (world: World, fields: NewRun): RunRecord => {
  const { dag, at } = fields;
  const run: RunRecord = {
    seq: world.ids.run++,
    dag,
    runId: fields.runId,
    runType: fields.runType,
    state: "queued",
    conf: fields.conf ?? NO_CONF,
    note: fields.note ?? null,
    logicalAt: fields.logicalAt,
    intervalStart: fields.intervalStart,
    intervalEnd: fields.intervalEnd,
    runAfter: fields.runAfter,
    queuedAt: at,
    startAt: null,
    endAt: null,
    lastDecisionAt: null,
    updatedAt: at,
    triggeredBy: fields.triggeredBy,
    triggeringUser: fields.triggeringUser ?? null,
    version: dag.versions.at(-1),
    backfillId: fields.backfillId ?? null,
    tasks: null,
  };
  run.tasks = createTasks(run, at);
  world.runs.push(run);
  dag.runs.set(run.runId, run);
  openRun(world, run);
  return run;
};
