import type { TriggerRule } from "../specs/dag-spec.ts";
import { isFinished, type TryRecord } from "../world/task-record.ts";

/** What the upstream outcomes mean for a task. */
export type Readiness = "run" | "wait" | "skip" | "upstream_failed";

interface Counts {
  readonly total: number;
  readonly done: number;
  readonly success: number;
  readonly failed: number;
  readonly skipped: number;
}

const count = (upstream: readonly TryRecord[]): Counts => ({
  total: upstream.length,
  done: upstream.filter(isFinished).length,
  success: upstream.filter((task) => task.state === "success").length,
  failed: upstream.filter((task) => task.state === "failed" || task.state === "upstream_failed").length,
  skipped: upstream.filter((task) => task.state === "skipped").length,
});

const whenDone = ({ done, total }: Counts, outcome: Readiness): Readiness => (done === total ? outcome : "wait");

/** Applies a trigger rule as Airflow does: failures and skips are passed on as soon as they decide the matter. */
export const readinessOf = (rule: TriggerRule, upstream: readonly TryRecord[]): Readiness => {
  const counts = count(upstream);
  const { total, success, failed, skipped } = counts;
  if (total === 0 || rule === "always") return "run";
  switch (rule) {
    case "all_success":
      return failed > 0 ? "upstream_failed" : skipped > 0 ? "skip" : whenDone(counts, "run");
    case "all_done":
      return whenDone(counts, "run");
    case "all_failed":
      return success > 0 || skipped > 0 ? "skip" : whenDone(counts, "run");
    case "one_failed":
      return failed > 0 ? "run" : whenDone(counts, "skip");
    case "one_success":
      return success > 0 ? "run" : whenDone(counts, skipped === total ? "skip" : "upstream_failed");
    case "none_failed":
      return failed > 0 ? "upstream_failed" : whenDone(counts, "run");
    case "none_failed_min_one_success":
      return failed > 0 ? "upstream_failed" : whenDone(counts, skipped === total ? "skip" : "run");
    default:
      return rule satisfies never;
  }
};
