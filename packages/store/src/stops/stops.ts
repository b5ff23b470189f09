import {
  type ActionId,
  type DagId,
  type Instant,
  type InstanceId,
  type RunId,
  type RunKey,
  type StoppedTask,
  toActionId,
  toDagId,
  toInstanceId,
  toRunId,
  toRunKey,
} from "@airfleet/model";
import type { Selectable } from "kysely";
import type { StoreContext } from "../context.ts";
import { appendEvents, type EventNote } from "../events/events.ts";
import { runKeyOf, type RunPlace } from "../runs/run-key.ts";
import { fromJson } from "../text/stored-json.ts";
import { toStorableOrNull, toStorableText } from "../text/storable-text.ts";
import type { StopTable } from "./stop-table.ts";

/**
 * How far a stop has come: `sending`, the engine was told or is about to be; `settling` until the engine itself calls run
 * and tasks ended; `waiting` for signs that the processes are gone; `deleting` the engine's run; `ended`.
 */
export const STOP_STAGES = ["sending", "settling", "waiting", "deleting", "ended"] as const;
export type StopStage = (typeof STOP_STAGES)[number];

/** A run that was stopped by an action. Times are epoch milliseconds, by our clock. */
export interface StoredStop {
  readonly actionId: ActionId;
  readonly runKey: RunKey;
  readonly instance: InstanceId;
  readonly dagId: DagId;
  readonly runId: RunId;
  readonly stage: StopStage;
  /** When the attempt of the run that is stopped had begun, as the engine says. */
  readonly runStartedAt: Instant | null;
  readonly begunAt: number;
  /** When the engine had taken the stop; null before, and for a run that had ended by itself. */
  readonly stoppedAt: number | null;
  /** Until when signs are waited for. */
  readonly until: number;
  /** When the engine's run was deleted, as asked. */
  readonly deletedAt: number | null;
  /** The tasks that had a process. */
  readonly tasks: readonly StoppedTask[];
  readonly changedAt: number;
}

export interface NewStop extends RunPlace {
  readonly actionId: ActionId;
  readonly stage: StopStage;
  readonly runStartedAt: Instant | null;
  readonly begunAt: number;
  readonly until: number;
  readonly tasks: readonly StoppedTask[];
}

export type StopChange = Partial<
  Pick<StoredStop, "stage" | "runStartedAt" | "stoppedAt" | "until" | "deletedAt" | "tasks">
>;

/** What is known of the processes of stopped runs. Written by whoever holds the action's lease. */
export interface StopRepository {
  /** Writes the stop of an action, unless it is there: then that one is answered. */
  begin(stop: NewStop): Promise<StoredStop>;
  find(actionId: ActionId): Promise<StoredStop | undefined>;
  /** Newest first. */
  ofRun(runKey: RunKey, limit: number): Promise<readonly StoredStop[]>;
  change(actionId: ActionId, change: StopChange): Promise<void>;
  /** Drops stops that have not changed since (epoch milliseconds), a batch at a time. @returns How many. */
  sweep(before: number, batch?: number): Promise<number>;
}

const toStop = (row: Selectable<StopTable>): StoredStop => ({
  actionId: toActionId(row.action_id),
  runKey: toRunKey(row.run_key),
  instance: toInstanceId(row.instance_id),
  dagId: toDagId(row.dag_id),
  runId: toRunId(row.run_id),
  stage: row.stage as StopStage,
  runStartedAt: row.run_started_at,
  begunAt: row.begun_at,
  stoppedAt: row.stopped_at,
  until: row.until,
  deletedAt: row.deleted_at,
  tasks: fromJson(row.tasks) as StoppedTask[],
  changedAt: row.changed_at,
});

/** How far a stop is: what has changed in it is worth telling, or nothing would have been written. */
const toProgressEvent = ({ actionId, stage, instance, dagId, runId, tasks }: StoredStop): EventNote => ({
  kind: "action.progress",
  instance,
  dagId,
  runId,
  payload: {
    id: actionId,
    verb: "run:stop",
    state: "pending",
    stage,
    processes: tasks.length,
    confirmed: tasks.filter(({ gone }) => gone?.kind === "confirmed").length,
    presumed: tasks.filter(({ gone }) => gone?.kind === "presumed").length,
  },
});

export const createStopRepository = (context: StoreContext): StopRepository => {
  const { db, clock } = context;
  const find = async (actionId: ActionId): Promise<StoredStop | undefined> => {
    const row = await db.selectFrom("stops").selectAll().where("action_id", "=", actionId).executeTakeFirst();
    return row === undefined ? undefined : toStop(row);
  };

  return {
    find,

    async begin({ actionId, stage, runStartedAt, begunAt, until, tasks, ...place }) {
      const row = {
        action_id: actionId,
        run_key: runKeyOf(place),
        instance_id: place.instance,
        dag_id: toStorableText(place.dagId),
        run_id: toStorableText(place.runId),
        stage,
        run_started_at: toStorableOrNull(runStartedAt),
        begun_at: begunAt,
        stopped_at: null,
        until,
        deleted_at: null,
        tasks: toStorableText(JSON.stringify(tasks)),
        changed_at: clock(),
      };
      const written = await db
        .insertInto("stops")
        .values(row)
        .onConflict((conflict) => conflict.column("action_id").doNothing())
        .returningAll()
        .executeTakeFirst();
      return toStop(
        written ??
          (await db.selectFrom("stops").selectAll().where("action_id", "=", actionId).executeTakeFirstOrThrow()),
      );
    },

    async ofRun(runKey, limit) {
      const rows = await db
        .selectFrom("stops")
        .selectAll()
        .where("run_key", "=", runKey)
        .orderBy("action_id", "desc")
        .limit(limit)
        .execute();
      return rows.map(toStop);
    },

    change: (actionId, { stage, runStartedAt, stoppedAt, until, deletedAt, tasks }) =>
      db.transaction().execute(async (trx) => {
        const row = await trx
          .updateTable("stops")
          .set({
            ...(stage === undefined ? {} : { stage }),
            ...(runStartedAt === undefined ? {} : { run_started_at: runStartedAt }),
            ...(stoppedAt === undefined ? {} : { stopped_at: stoppedAt }),
            ...(until === undefined ? {} : { until }),
            ...(deletedAt === undefined ? {} : { deleted_at: deletedAt }),
            ...(tasks === undefined ? {} : { tasks: toStorableText(JSON.stringify(tasks)) }),
            changed_at: clock(),
          })
          .where("action_id", "=", actionId)
          .returningAll()
          .executeTakeFirst();
        if (row !== undefined) await appendEvents(trx, context, [toProgressEvent(toStop(row))]);
      }),

    async sweep(before, batch = 500) {
      const old = db.selectFrom("stops").select("action_id").where("changed_at", "<", before).limit(batch);
      const gone = await old.execute();
      if (gone.length === 0) return 0;
      await db
        .deleteFrom("stops")
        .where(
          "action_id",
          "in",
          gone.map((row) => row.action_id),
        )
        .execute();
      return gone.length;
    },
  };
};
