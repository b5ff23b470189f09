import type { StoreContext } from "../context.ts";
import { type ArrivalRepository, createArrivalRepository } from "./arrivals.ts";
import { type ConfirmationRepository, createConfirmationRepository } from "./confirmations.ts";
import { createKnownRunRepository, type KnownRunRepository } from "./known-runs.ts";
import { createRejectedReportRepository, type RejectedReportRepository } from "./rejected-reports.ts";
import { createReportedDetailRepository, type ReportedDetailRepository } from "./reported-details.ts";
import { createReportedTaskRepository, type ReportedTaskRepository } from "./reported-tasks.ts";
import { createReportRepository, type ReportRepository } from "./reports.ts";
import { type SettledReports, settleReports } from "./settle-reports.ts";
import { createWaitingReportRepository, type WaitingReportRepository } from "./waiting-reports.ts";

/** What instances and their tasks told us. */
export interface InboxRepository {
  readonly reports: ReportRepository;
  readonly arrivals: ArrivalRepository;
  readonly waiting: WaitingReportRepository;
  readonly knownRuns: KnownRunRepository;
  readonly reportedDetails: ReportedDetailRepository;
  readonly reportedTasks: ReportedTaskRepository;
  readonly rejected: RejectedReportRepository;
  readonly confirmations: ConfirmationRepository;
  /** Keeps what is left of reports after their runs were told, asks for readings, and has them wait no longer. */
  settle(settled: SettledReports): Promise<void>;
}

export const createInboxRepository = (context: StoreContext): InboxRepository => ({
  reports: createReportRepository(context),
  arrivals: createArrivalRepository(context),
  waiting: createWaitingReportRepository(context),
  knownRuns: createKnownRunRepository(context),
  reportedDetails: createReportedDetailRepository(context),
  reportedTasks: createReportedTaskRepository(context),
  rejected: createRejectedReportRepository(context),
  confirmations: createConfirmationRepository(context),
  settle: (settled) => settleReports(context, settled),
});
