import type { StoreContext } from "../context.ts";
import { type ConfirmationRepository, createConfirmationRepository } from "./confirmations.ts";
import { createRejectedReportRepository, type RejectedReportRepository } from "./rejected-reports.ts";
import { createReportRepository, type ReportRepository } from "./reports.ts";

/** What instances and their tasks told us. */
export interface InboxRepository {
  readonly reports: ReportRepository;
  readonly rejected: RejectedReportRepository;
  readonly confirmations: ConfirmationRepository;
}

export const createInboxRepository = (context: StoreContext): InboxRepository => ({
  reports: createReportRepository(context),
  rejected: createRejectedReportRepository(context),
  confirmations: createConfirmationRepository(context),
});
