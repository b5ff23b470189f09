import { setImmediate as nextTurn } from "node:timers/promises";
import { toRunKey } from "@airfleet/model";
import { inChunks } from "../backend/chunks.ts";
import type { StoreContext } from "../context.ts";
import { fromCursor, toCursor } from "../paging/cursor.ts";
import { removeRuns } from "../runs/remove-runs.ts";
import { createHearing, type HeardRun, hearRuns, mayLeave, toHeardRun } from "./hear-runs.ts";
import type { RetentionCandidate, RetentionQuery, RetentionRepository } from "./retention-repository.ts";

/** Runs judged before others have their turn. */
const RUNS_AT_ONCE = 50;

const readRows = async (
  { db }: StoreContext,
  { batch, after, instances }: RetentionQuery,
): Promise<readonly HeardRun[]> => {
  const start = after === undefined ? undefined : fromCursor("retention", instances, ["number", "number"], after);
  let query = db
    .selectFrom("runs")
    .select(["id", "key", "instance_id", "dag_id", "run_id", "state", "due_at", "ended_ms", "subjects_total"]);
  // Not by the index of instances: the order is that of due times, and all runs of theirs would have to be sorted.
  if (instances !== undefined)
    query = query.where((eb) => eb(eb.fn.coalesce("instance_id", eb.val("")), "in", instances));
  if (start !== undefined) {
    query = query.where((eb) => eb(eb.refTuple("due_at", "id"), ">", eb.tuple(Number(start[0]), Number(start[1]))));
  }
  const rows = await query.orderBy("due_at").orderBy("id").limit(batch).execute();
  return rows.map(toHeardRun);
};

export const createRetentionRepository = (context: StoreContext): RetentionRepository => ({
  async candidates(query) {
    if (query.policies.length === 0 || query.instances?.length === 0) return { items: [], looked: 0, next: null };
    const rows = await readRows(context, query);
    const hearing = createHearing(context.db, query);
    const items: RetentionCandidate[] = [];
    for (const chunk of inChunks(rows, RUNS_AT_ONCE)) {
      items.push(...(await hearRuns(hearing, chunk)));
      // SQLite works in this thread: let requests in between two pieces.
      await nextTurn();
    }
    const last = rows.length < query.batch ? undefined : rows.at(-1);
    return {
      items,
      looked: rows.length,
      next: last === undefined ? null : toCursor("retention", query.instances, [last.dueAt, last.pk]),
    };
  },

  remove: (keys, terms, { reason, auditOf }) =>
    removeRuns(context, keys, {
      reason,
      ...(auditOf !== undefined && { auditOf }),
      judge: {
        async whichGo(trx, rows) {
          const heard = await hearRuns(createHearing(trx, terms), rows.map(toHeardRun));
          const going = new Set(heard.map(({ key }) => key));
          return rows.filter(({ key }) => going.has(toRunKey(key)));
        },
        mayLeave: (trx, row, limit) => mayLeave(createHearing(trx, terms), toHeardRun(row), limit),
      },
    }),
});
