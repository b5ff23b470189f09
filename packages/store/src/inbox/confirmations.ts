import {
  type DagId,
  type InstanceId,
  type RunId,
  type RunKey,
  toDagId,
  toInstanceId,
  toRunId,
  toRunKey,
} from "@airfleet/model";
import { type Kysely, sql, type Transaction } from "kysely";
import { inChunks } from "../backend/chunks.ts";
import type { StoreContext } from "../context.ts";
import { type RunPlace, runKeyOf } from "../runs/run-key.ts";
import type { Database } from "../schema.ts";

/** A run to be read, since we were told something about it. Times are epoch milliseconds. */
export interface Confirmation {
  readonly key: RunKey;
  readonly instance: InstanceId;
  readonly dagId: DagId;
  readonly runId: RunId;
  /** When we last heard of it; a reading that was begun later confirms it. */
  readonly heardAt: number;
  /** Readings that brought no answer. */
  readonly tries: number;
}

/** Runs to be read: one row per run however much is heard of it. */
export interface ConfirmationRepository {
  /** Asks for a reading after `heardAt`. */
  ask(run: RunPlace, heardAt: number): Promise<void>;
  /** Those whose turn it is, longest waiting first. */
  listDue(instance: InstanceId, now: number, limit: number): Promise<readonly Confirmation[]>;
  /** Instances that have any. */
  instances(): Promise<readonly InstanceId[]>;
  /** The run was read; it stays when something was heard of it since. */
  done(confirmation: Pick<Confirmation, "key" | "heardAt">): Promise<void>;
  postpone(confirmation: Pick<Confirmation, "key">, until: number): Promise<void>;
}

/** Rows per statement. */
const CHUNK = 500;

/** Asks for readings of these runs, each once, after `heardAt`. */
export const askForReadings = async (
  db: Kysely<Database> | Transaction<Database>,
  runs: readonly RunPlace[],
  heardAt: number,
): Promise<void> => {
  for (const chunk of inChunks(runs, CHUNK)) {
    await db
      .insertInto("confirmations")
      .values(
        chunk.map((run) => ({
          run_key: runKeyOf(run),
          instance_id: run.instance,
          dag_id: run.dagId,
          run_id: run.runId,
          heard_at: heardAt,
          not_before: heardAt,
          tries: 0,
        })),
      )
      .onConflict((conflict) =>
        conflict.column("run_key").doUpdateSet({
          heard_at: sql<number>`case when excluded.heard_at > confirmations.heard_at then excluded.heard_at else confirmations.heard_at end`,
        }),
      )
      .execute();
  }
};

export const createConfirmationRepository = ({ db }: StoreContext): ConfirmationRepository => ({
  ask: (run, heardAt) => askForReadings(db, [run], heardAt),

  async listDue(instance, now, limit) {
    const rows = await db
      .selectFrom("confirmations")
      .selectAll()
      .where("instance_id", "=", instance)
      .where("not_before", "<=", now)
      .orderBy("not_before")
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      key: toRunKey(row.run_key),
      instance: toInstanceId(row.instance_id),
      dagId: toDagId(row.dag_id),
      runId: toRunId(row.run_id),
      heardAt: row.heard_at,
      tries: row.tries,
    }));
  },

  async instances() {
    const rows = await db.selectFrom("confirmations").select("instance_id").distinct().execute();
    return rows.map(({ instance_id }) => toInstanceId(instance_id));
  },

  async done({ key, heardAt }) {
    await db.deleteFrom("confirmations").where("run_key", "=", key).where("heard_at", "<=", heardAt).execute();
  },

  async postpone({ key }, until) {
    await db
      .updateTable("confirmations")
      .set((eb) => ({ not_before: until, tries: eb("tries", "+", 1) }))
      .where("run_key", "=", key)
      .execute();
  },
});
