import { isTerminalRunState, type RunKey, type RunObservation } from "@airfleet/model";
import type { KnownRun, NewReportedTask, ReportedDetail, RunPlace } from "@airfleet/store";
import type { ApplicableReport } from "./applicable-report.ts";

/** What reports of one run make known. */
export interface RunPlan {
  readonly key: RunKey;
  readonly place: RunPlace;
  readonly observations: readonly RunObservation[];
  /** The run is to be read whatever the observations change. */
  readonly asks: boolean;
  readonly details: readonly ReportedDetail[];
  readonly tasks: readonly NewReportedTask[];
}

/** What is known of the run that reports are about. */
export interface PlanContext {
  readonly key: RunKey;
  readonly known: KnownRun | undefined;
  /** It had ended at some time, whatever became of it since. */
  readonly endedBefore: boolean;
  /** The instance's clock at a moment of ours. */
  readonly timeOf: (ourTime: number) => number;
}

type Ended = NewReportedTask["state"];
const ENDS: ReadonlySet<Ended> = new Set<Ended>([
  "success",
  "failed",
  "up_for_retry",
  "upstream_failed",
  "skipped",
  "removed",
]);

/** Formats without event id, try or date: whoever has one report can send it again at any time. */
export const isOldFormat = ({ format }: Pick<ApplicableReport, "format">): boolean =>
  format === "g0" || format === "g1" || format === "g2";

const isEnd = ({ runState }: ApplicableReport): boolean => runState !== null && isTerminalRunState(runState);

/** A later report of one try beats an earlier one, but a try that has ended does not go on. */
const later = (before: NewReportedTask | undefined, news: NewReportedTask): NewReportedTask => {
  if (before === undefined) return news;
  const isLate = news.tryNumber !== null && ENDS.has(before.state) && !ENDS.has(news.state);
  return {
    ...news,
    state: isLate ? before.state : news.state,
    startedAt: news.startedAt ?? before.startedAt,
    endedAt: news.endedAt ?? before.endedAt,
    hostname: news.hostname ?? before.hostname,
    pid: news.pid ?? before.pid,
    processEnds: news.processEnds || (news.tryNumber !== null && before.processEnds),
  };
};

const toTasks = (key: RunKey, reports: readonly ApplicableReport[]): readonly NewReportedTask[] => {
  const tasks = new Map<string, NewReportedTask>();
  for (const { tasks: told, receivedAt } of reports) {
    for (const task of told) {
      const name = JSON.stringify([task.taskId, task.mapIndex, task.tryNumber]);
      tasks.set(name, later(tasks.get(name), { ...task, run: key, receivedAt }));
    }
  }
  return [...tasks.values()];
};

const toDetails = (reports: readonly ApplicableReport[], { key, timeOf }: PlanContext): readonly ReportedDetail[] => {
  const details = new Map<string, ReportedDetail>();
  for (const { details: told, receivedAt } of reports) {
    for (const one of told) details.set(one.part, { ...one, run: key, receivedAt: timeOf(receivedAt) });
  }
  return [...details.values()];
};

const atOf = ({ sentAt, receivedAt }: ApplicableReport, timeOf: PlanContext["timeOf"]): number =>
  timeOf(Math.min(sentAt ?? receivedAt, receivedAt));

/** Whether the report may say so of this run; what it may not, only a reading can show. */
const maySay = (report: ApplicableReport, { known, endedBefore }: PlanContext): boolean => {
  // Airflow tells of the failure that our own stop brings about, often before the stop has read it back.
  if (isEnd(report) && known?.isBeingStopped === true) return false;
  if (!isOldFormat(report)) return true;
  return known !== undefined && !isTerminalRunState(known.state) && !(isEnd(report) && endedBefore);
};

/** Whether it would move the run on. That it is queued, or goes on as we know, or began again after its end, only a reading tells. */
const movesOn = (report: ApplicableReport, { known }: PlanContext): boolean => {
  if (report.runState === null || report.runState === "queued") return false;
  if (isEnd(report) || known === undefined) return true;
  return known.state === "queued" || (known.readAt === 0 && known.state === "running" && report.conf !== null);
};

/** Of several that say the same the last one, since the others would change nothing. */
const collapse = (reports: readonly ApplicableReport[], timeOf: PlanContext["timeOf"]): readonly RunObservation[] => {
  const byState = new Map<string, RunObservation>();
  const conf = reports.find((report) => report.conf !== null)?.conf ?? null;
  const logicalDate = reports.find((report) => report.logicalDate !== null)?.logicalDate ?? null;
  for (const report of reports) {
    const { dagId, runId, runState: state } = report;
    if (state === null) continue;
    const at = atOf(report, timeOf);
    const before = byState.get(state);
    if (before !== undefined && before.at >= at) continue;
    byState.set(state, {
      kind: "heard",
      dagId,
      runId,
      source: "report",
      at,
      state,
      ...(logicalDate === null ? {} : { logicalDate }),
      ...(conf === null ? {} : { conf }),
    });
  }
  return [...byState.values()];
};

/** Whether it says more than what we know and may not be believed for, so that the run must be read. */
const needsReading = (report: ApplicableReport, context: PlanContext): boolean => {
  const { known, timeOf } = context;
  if (report.runState === null) return known === undefined;
  if (isEnd(report) || known === undefined || report.runState === "queued") return true;
  // It goes on although it had ended: somebody may have cleared it.
  return isTerminalRunState(known.state) && atOf(report, timeOf) > known.readAt;
};

/** What reports of one run, in the order they were received, make known. The same reports once more make the same known. */
export const planReports = (reports: readonly ApplicableReport[], context: PlanContext): RunPlan | undefined => {
  const [first] = reports;
  if (first === undefined) return undefined;
  const { key, timeOf } = context;
  const { instance, dagId, runId } = first;
  const telling = reports.filter((report) => maySay(report, context) && movesOn(report, context));
  return {
    key,
    place: { instance, dagId, runId },
    observations: collapse(telling, timeOf),
    asks: reports.some((report) => needsReading(report, context)),
    details: toDetails(reports, context),
    tasks: toTasks(key, reports),
  };
};
