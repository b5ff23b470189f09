import type { RunReport } from "@airfleet/model";
import type { ReportKind } from "@airfleet/store";

const publishersKind = ({ runState, details }: RunReport): ReportKind => {
  if (runState === "success") return "dag_complete";
  if (runState === "failed") return "dag_failure";
  return details.error === undefined ? "task_data" : "task_failure";
};

/** What a report tells, in one word. */
export const reportKind = (report: RunReport): ReportKind => {
  if (report.format === "rikolti") return publishersKind(report);
  if (report.task !== null) return "task_state";
  return report.runState === null ? "run_details" : "run_state";
};
