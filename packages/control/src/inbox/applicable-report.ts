import type { InstanceId, ReportedTask, ReportFormat, RunReport } from "@airfleet/model";
import type { ReportedPart } from "@airfleet/store";

/** One part of what a report says of its run besides the state, short enough to be kept. */
export interface ReportedPartValue {
  readonly part: ReportedPart;
  readonly value: string;
  readonly category: string | null;
  readonly isCut: boolean;
}

/** As much of a report as its run is told. */
export interface ApplicableReport extends Pick<RunReport, "dagId" | "runId" | "runState" | "logicalDate" | "conf"> {
  /** Under which it was kept; orders reports as they were received. */
  readonly id: string;
  readonly receivedAt: number;
  readonly instance: InstanceId;
  readonly format: ReportFormat;
  /** It speaks of the run itself, and not of a task that shows how its run stands. */
  readonly isOfRun: boolean;
  readonly tasks: readonly ReportedTask[];
  readonly details: readonly ReportedPartValue[];
  /** When a trusted clock says that it was sent; null where the time of reception counts. */
  readonly sentAt: number | null;
}

/** Of each part that has no bound of its own: results that name some hundred files, a traceback. */
const KEPT_CHARACTERS = 65_536;

const cut = (part: ReportedPart, value: string, category: string | null = null): ReportedPartValue => ({
  part,
  value: value.slice(0, KEPT_CHARACTERS),
  category,
  isCut: value.length > KEPT_CHARACTERS,
});

const toParts = ({ progress, title, error, ...documents }: RunReport["details"]): readonly ReportedPartValue[] => [
  ...(progress === undefined ? [] : [cut("progress", String(progress))]),
  ...(title === undefined ? [] : [cut("title", title)]),
  ...(error === undefined ? [] : [cut("error", error.message, error.category)]),
  ...(["results", "statistics", "logs"] as const).flatMap((part) => {
    const value = documents[part];
    return value === undefined ? [] : [cut(part, JSON.stringify(value))];
  }),
];

/** What is to be done with a report, before it has an id. */
export const toApplicable = (instance: InstanceId, report: RunReport): ApplicableReport => ({
  id: "",
  receivedAt: 0,
  instance,
  format: report.format,
  dagId: report.dagId,
  runId: report.runId,
  runState: report.runState,
  logicalDate: report.logicalDate,
  conf: report.conf,
  isOfRun: report.task === null,
  tasks: report.task === null ? report.otherTasks : [report.task, ...report.otherTasks],
  details: toParts(report.details),
  // A queue tells when it got a message. A sender's own clock may be an hour off.
  sentAt: report.format === "rikolti" ? report.sentAt : null,
});

/**
 * The same as text, for whoever does it when this process has died. A conf that holds secrets is left out: the reading
 * that follows brings it.
 */
export const toContent = (report: ApplicableReport, redact: (conf: unknown) => unknown): string => {
  const { id: _id, receivedAt: _at, instance: _instance, conf, ...rest } = report;
  const isOpen = conf === null || JSON.stringify(redact(conf)) === JSON.stringify(conf);
  return JSON.stringify({ ...rest, conf: isOpen ? conf : null });
};

/** Reads what `toContent` wrote. */
export const fromContent = (
  content: string,
  place: Pick<ApplicableReport, "id" | "receivedAt" | "instance">,
): ApplicableReport => ({
  ...(JSON.parse(content) as Omit<ApplicableReport, "id" | "receivedAt" | "instance">),
  ...place,
});
