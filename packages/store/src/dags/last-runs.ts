import { type DagId, toDagId } from "@airfleet/model";
import type { StoreContext } from "../context.ts";
import type { LastRun } from "./dag-row.ts";
import type { DagRepository } from "./dags.ts";

/** DAGs per transaction. */
const CHUNK = 200;

const columns = (run: LastRun) => ({
  last_run_id: run.runId,
  last_run_state: run.state,
  last_run_logical_date: run.logicalDate,
  last_run_started_at: run.startedAt,
  last_run_ended_at: run.endedAt,
});

/** The part of the DAG repository that knows each DAG's newest run. */
export const createLastRuns = ({ db }: StoreContext): Pick<DagRepository, "observeLastRuns"> => ({
  async observeLastRuns(instance, runs, readAt) {
    const changed: DagId[] = [];
    for (let start = 0; start < runs.length; start += CHUNK) {
      const chunk = runs.slice(start, start + CHUNK);
      await db.transaction().execute(async (trx) => {
        const rows = await trx
          .selectFrom("dags")
          .select(["dag_id", "last_run_observed_at", ...LAST_RUN_COLUMNS])
          .where("instance_id", "=", instance)
          .where(
            "dag_id",
            "in",
            chunk.map(({ dagId }) => dagId),
          )
          .execute();
        const known = new Map(rows.map((row) => [row.dag_id, row]));
        for (const run of chunk) {
          const row = known.get(run.dagId);
          if (row === undefined || (row.last_run_observed_at ?? 0) > readAt) continue;
          const next = columns(run);
          if (LAST_RUN_COLUMNS.every((column) => row[column] === next[column])) continue;
          await trx
            .updateTable("dags")
            .set({ ...next, last_run_observed_at: readAt })
            .where("dag_id", "=", run.dagId)
            .where("instance_id", "=", instance)
            .execute();
          changed.push(toDagId(run.dagId));
        }
      });
    }
    return changed;
  },
});

const LAST_RUN_COLUMNS = [
  "last_run_id",
  "last_run_state",
  "last_run_logical_date",
  "last_run_started_at",
  "last_run_ended_at",
] as const;
