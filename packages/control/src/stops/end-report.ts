import type { StoppedTask } from "@airfleet/model";
import type { StoredReportedTask } from "@airfleet/store";

const ENDS: ReadonlySet<string> = new Set(["success", "failed", "up_for_retry", "skipped"]);

/** Whether what reported is the process of the try. Airflow 2's `tasks run --mark-success` reports from one of its own. */
const isItsProcess = (report: StoredReportedTask, { pid, hostname }: StoppedTask): boolean =>
  (pid === null || report.pid === pid) &&
  (hostname === null || report.hostname === null || report.hostname === hostname);

/** When the very process that ran the try reported its end, as its last deed; null while it has not. */
export const endReport = (reports: readonly StoredReportedTask[], task: StoppedTask): number | null =>
  reports.find(
    (report) =>
      report.processEnds &&
      ENDS.has(report.state) &&
      report.taskId === task.taskId &&
      (report.mapIndex ?? -1) === task.mapIndex &&
      report.tryNumber === task.tryNumber &&
      isItsProcess(report, task),
  )?.receivedAt ?? null;
