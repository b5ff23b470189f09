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

/** A failure is whatever ended without success. */
const isFailure = ({ state }: RetainedRun): boolean => isTerminalRunState(state) && state !== "success";

/**
 * Answers for the runs of one subject, or of one DAG on one instance, whether a run is still needed under a rule.
 *
 * @param runs All of them, in the order in which they were first seen: of two that were due at once the later is newer.
 * @param now Epoch milliseconds.
 */
export const judgeNeeds = (
  runs: readonly RetainedRun[],
  now: number,
): ((run: RetainedRun, rule: RetentionRule) => boolean) => {
  const newestFirst = runs.toReversed().sort((left, right) => right.dueAt - left.dueAt);
  const [newest] = newestFirst;
  const latestSuccess = newestFirst.find(({ state }) => state === "success");
  const places = new Map(
    newestFirst.filter(({ state }) => isTerminalRunState(state)).map(({ key }, place) => [key, place]),
  );
  return (run, rule) => {
    if (!isTerminalRunState(run.state) || run.key === latestSuccess?.key) return true;
    switch (rule.keep) {
      case "everything":
        return true;
      case "latest_success_and_newest":
        return run.key === newest?.key;
      case "older_than_latest_success":
        return latestSuccess === undefined || run.dueAt >= latestSuccess.dueAt;
      case "last_n":
        return (places.get(run.key) ?? 0) < rule.n;
      case "failures_days":
        return !isFailure(run) || (run.endedAt ?? run.dueAt) >= now - rule.days * DAY_MS;
      default:
        return rule satisfies never;
    }
  };
};
