import { type InstanceId, toInstanceId } from "@airfleet/model";
import type { StoreContext } from "../context.ts";

/** A report that was kept and of which its run has not been told yet. `receivedAt` is in epoch milliseconds. */
export interface WaitingReport {
  readonly id: string;
  readonly instance: InstanceId;
  readonly receivedAt: number;
  /** As it was given to `ReportRepository.keep`. */
  readonly content: string;
}

/** Reports that are to be applied: whoever received them does so at once, and somebody else when they died. */
export interface WaitingReportRepository {
  /** Those received before this time, in the order they were received. */
  list(before: number, limit: number): Promise<readonly WaitingReport[]>;
}

export const createWaitingReportRepository = ({ db }: StoreContext): WaitingReportRepository => ({
  async list(before, limit) {
    const rows = await db
      .selectFrom("waiting_reports")
      .selectAll()
      .where("received_at", "<", before)
      .orderBy("report_id")
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      id: row.report_id,
      instance: toInstanceId(row.instance_id),
      receivedAt: row.received_at,
      content: row.content,
    }));
  },
});
