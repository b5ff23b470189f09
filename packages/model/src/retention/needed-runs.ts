import { isTerminalRunState, type RunState } from "../states/run-state.ts";
import type { RetentionRule } from "./retention-policy.ts";

/** What retention looks at in a run. Times are epoch milliseconds. */
export interface RetainedRun {
  readonly key: string;
  readonly state: RunState;
  readonly dueAt: number;
  readonly endedAt: number | null;
}

const DAY_MS = 86_400_000;

/** Newest due first; runs due at once in the order of their keys, so that everybody counts alike. */
export const byNewest = (left: RetainedRun, right: RetainedRun): number =>
  right.dueAt - left.dueAt || (left.key < right.key ? 1 : left.key > right.key ? -1 : 0);

/** A failure is whatever ended without success. */
const isFailure = ({ state }: RetainedRun): boolean => isTerminalRunState(state) && state !== "success";

/**
 * The runs of one group that are still needed: the runs of a subject that one policy governs, or the runs without
 * subjects of a DAG on an instance. Runs that have not finished are always needed.
 *
 * @param now Epoch milliseconds.
 */
export const neededRuns = (group: readonly RetainedRun[], keep: RetentionRule, now: number): ReadonlySet<string> => {
  const sorted = [...group].sort(byNewest);
  const [newest] = sorted;
  const latestSuccess = sorted.find(({ state }) => state === "success");
  const isNeeded = (run: RetainedRun, place: number): boolean => {
    switch (keep.rule) {
      case "everything":
        return true;
      case "latest_success_and_newest":
        return run === newest || run === latestSuccess;
      case "older_than_latest_success":
        return latestSuccess === undefined || run.dueAt >= latestSuccess.dueAt;
      case "last_n":
        return place < keep.n;
      case "failures_days":
        return run === newest || !isFailure(run) || (run.endedAt ?? run.dueAt) >= now - keep.days * DAY_MS;
      default:
        return keep satisfies never;
    }
  };
  return new Set(
    sorted.filter((run, place) => !isTerminalRunState(run.state) || isNeeded(run, place)).map(({ key }) => key),
  );
};
