import type { RunKey, RunRecord } from "@airfleet/model";
import type { ReportedDetail, ReportedPart } from "@airfleet/store";

/** What was reported of a run besides its state. */
export interface ReportedRun {
  /** 0–100, as the sender counts. */
  readonly progress: number | null;
  readonly title: string | null;
  readonly error: { readonly category: string | null; readonly message: string } | null;
  /** Absent where nothing was said, and in lists of runs; text where only the beginning is kept. */
  readonly results?: unknown;
  readonly statistics?: unknown;
  readonly logs?: unknown;
  /** Parts of which only the beginning is there. */
  readonly cut: readonly ReportedPart[];
  /** By the instance's clock, epoch milliseconds. */
  readonly reportedAt: number;
}

/** What the instance's clock may show too much or too little; nobody reruns a run sooner after its end. */
const SLACK_MS = 3_000;

/** Before this, what was said of the run was said of an earlier attempt. */
const attemptBegan = ({ read }: RunRecord): number => {
  if (read === null) return Number.NEGATIVE_INFINITY;
  const { startedAt } = read.run;
  return startedAt === null ? read.at : Date.parse(startedAt) - SLACK_MS;
};

const toDocument = ({ value, isCut }: ReportedDetail): unknown => (isCut ? value : (JSON.parse(value) as unknown));

/**
 * What counts of what was said of a run: only what is about its present attempt, and no error of a task where the run
 * succeeded in the end.
 */
export const toReportedRun = (details: readonly ReportedDetail[], record: RunRecord): ReportedRun | null => {
  const began = attemptBegan(record);
  const present = new Map(
    details
      .filter(({ part, receivedAt }) => receivedAt >= began && !(part === "error" && record.state === "success"))
      .map((detail) => [detail.part, detail]),
  );
  if (present.size === 0) return null;
  const progress = present.get("progress");
  const error = present.get("error");
  const documents = (["results", "statistics", "logs"] as const).flatMap((part) => {
    const detail = present.get(part);
    return detail === undefined ? [] : [[part, toDocument(detail)] as const];
  });
  return {
    progress: progress === undefined ? null : Number(progress.value),
    title: present.get("title")?.value ?? null,
    error: error === undefined ? null : { category: error.category, message: error.value },
    ...Object.fromEntries(documents),
    cut: [...present.values()].filter(({ isCut }) => isCut).map(({ part }) => part),
    reportedAt: Math.max(...[...present.values()].map(({ receivedAt }) => receivedAt)),
  };
};

/** Details by the run that they are about. */
export const byRun = (details: readonly ReportedDetail[]): ReadonlyMap<RunKey, readonly ReportedDetail[]> =>
  Map.groupBy(details, ({ run }) => run);
