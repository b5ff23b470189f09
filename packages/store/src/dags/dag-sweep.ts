import { setImmediate as nextTurn } from "node:timers/promises";
import { type Dag, type DagId, type InstanceId, toDagId } from "@airfleet/model";
import { sql } from "kysely";
import type { StoreContext } from "../context.ts";
import { appendEvents } from "../events/events.ts";
import { createDagNews, type DagNews, NEWS_PER_SWEEP, TOLD_COLUMNS } from "./dag-news.ts";
import { writeDags } from "./write-dags.ts";

/** Rows per transaction: long enough to pay for the commit, short enough that others are not kept waiting. */
const CHUNK = 200;

/** From this many written rows on, what the database knows of its tables is out of date, and its plans with it. */
const ROWS_TO_ANALYZE = 500;

const ANALYZED = ["dags", "dag_tags", "dag_texts"] as const;

/** One reading of an instance's whole list of DAGs, page by page. */
export interface DagSweep {
  /**
   * Takes in a page as it was read.
   * @param readAt When the call for it was begun, epoch milliseconds.
   * @returns Ids of the DAGs that are new or changed.
   */
  add(dags: readonly Dag[], readAt: number): Promise<readonly DagId[]>;
  /**
   * Says that every page was added: DAGs that were on none of them are marked as gone. A sweep that is not finished
   * takes nothing away.
   * @returns Ids of the DAGs that are gone now.
   */
  finish(): Promise<readonly DagId[]>;
}

/** Whether anything was ever known of the instance's DAGs. */
const isKnown = async ({ db }: StoreContext, instance: InstanceId): Promise<boolean> => {
  const row = await db.selectFrom("dags").select("dag_id").where("instance_id", "=", instance).executeTakeFirst();
  return row !== undefined;
};

export const createDagSweep = (context: StoreContext, instance: InstanceId, startedAt: number): DagSweep => {
  const { db } = context;
  const seen = new Set<string>();
  let written = 0;
  let news: DagNews | undefined;

  const startNews = async (): Promise<DagNews> => {
    news ??= createDagNews(instance, (await isKnown(context, instance)) ? NEWS_PER_SWEEP : 0);
    return news;
  };

  const missing = async (): Promise<readonly string[]> => {
    const rows = await db
      .selectFrom("dags")
      .select("dag_id")
      .where("instance_id", "=", instance)
      .where("gone_at", "is", null)
      // Found by somebody else while we were reading, perhaps on a page that we had behind us.
      .where("observed_at", "<=", startedAt)
      .execute();
    return rows.map((row) => row.dag_id).filter((dagId) => !seen.has(dagId));
  };

  const markGone = async (ids: readonly string[]): Promise<readonly string[]> => {
    const told = await startNews();
    return db.transaction().execute(async (trx) => {
      const gone = await trx
        .updateTable("dags")
        .set({ gone_at: startedAt, observed_at: startedAt })
        .where("instance_id", "=", instance)
        .where("dag_id", "in", ids)
        .where("observed_at", "<=", startedAt)
        .returning(["dag_id", "gone_at", ...TOLD_COLUMNS])
        .execute();
      const goneIds = gone.map((row) => row.dag_id);
      if (goneIds.length === 0) return goneIds;
      await trx.deleteFrom("dag_tags").where("instance_id", "=", instance).where("dag_id", "in", goneIds).execute();
      await trx.deleteFrom("dag_texts").where("instance_id", "=", instance).where("dag_id", "in", goneIds).execute();
      const notes = gone.flatMap((row) => told.gone(row.dag_id, row) ?? []);
      await appendEvents(trx, context, notes);
      return goneIds;
    });
  };

  return {
    async add(dags, readAt) {
      const changed: DagId[] = [];
      for (let start = 0; start < dags.length; start += CHUNK) {
        const chunk = dags.slice(start, start + CHUNK);
        for (const { dagId } of chunk) seen.add(dagId);
        const told = await startNews();
        const rows = await db
          .transaction()
          .execute((trx) => writeDags({ trx, context, instance, news: told }, chunk, readAt));
        changed.push(...rows.map(({ dagId }) => dagId));
        written += rows.length;
        // SQLite works in this thread: let requests in between two chunks.
        await nextTurn();
      }
      return changed;
    },

    async finish() {
      const ids = await missing();
      const gone: DagId[] = [];
      for (let start = 0; start < ids.length; start += CHUNK) {
        gone.push(...(await markGone(ids.slice(start, start + CHUNK))).map(toDagId));
        await nextTurn();
      }
      const rest = news?.rest();
      if (rest !== undefined) await db.transaction().execute((trx) => appendEvents(trx, context, [rest]));
      // Both databases get round to it by themselves, PostgreSQL after a minute, SQLite when it is closed.
      if (written >= ROWS_TO_ANALYZE) for (const table of ANALYZED) await sql`analyze ${sql.table(table)}`.execute(db);
      return gone;
    },
  };
};
