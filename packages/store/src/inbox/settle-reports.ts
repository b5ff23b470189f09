import { inChunks } from "../backend/chunks.ts";
import { retryConflict } from "../backend/retry-conflict.ts";
import type { StoreContext } from "../context.ts";
import { type RunPlace, runKeyOf } from "../runs/run-key.ts";
import { askForReadings } from "./confirmations.ts";
import { type ReportedDetail, writeReportedDetails } from "./reported-details.ts";
import { type NewReportedTask, writeReportedTasks } from "./reported-tasks.ts";

/** What is left of reports after their runs were told. */
export interface SettledReports {
  readonly ids: readonly string[];
  /** Each part of a run once. */
  readonly details: readonly ReportedDetail[];
  /** Each try once. */
  readonly tasks: readonly NewReportedTask[];
  /** Runs to be read, each once, heard of at `heardAt`. */
  readonly asked: readonly RunPlace[];
  readonly heardAt: number;
}

const CHUNK = 1_000;

const inOrder = <Row>(rows: readonly Row[], nameOf: (row: Row) => string): readonly Row[] =>
  rows.toSorted((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1));

/**
 * Keeps what reports say besides states, asks for the readings that confirm them, and has them wait no longer; all in one
 * transaction, and the same once more does no harm. Rows are written in one order, so that two servers that apply the
 * same reports wait for each other only once.
 */
export const settleReports = (context: StoreContext, settled: SettledReports): Promise<void> =>
  retryConflict(() =>
    context.db.transaction().execute(async (trx) => {
      await writeReportedDetails(
        trx,
        inOrder(settled.details, ({ run, part }) => `${run} ${part}`),
      );
      await writeReportedTasks(
        trx,
        inOrder(settled.tasks, ({ run, taskId, mapIndex, tryNumber }) => `${run} ${taskId} ${mapIndex} ${tryNumber}`),
      );
      await askForReadings(trx, inOrder(settled.asked, runKeyOf), settled.heardAt);
      for (const ids of inChunks(settled.ids.toSorted(), CHUNK)) {
        await trx.deleteFrom("waiting_reports").where("report_id", "in", ids).execute();
      }
    }),
  );
