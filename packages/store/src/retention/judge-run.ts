import { isTerminalRunState, matchesGlob, type RunState } from "@airfleet/model";
import type { RetentionPolicyFacts } from "./retention-repository.ts";

/** What retention looks at in a run. */
export interface JudgedRun {
  readonly pk: number;
  readonly instance: string;
  readonly dagId: string;
  readonly state: RunState;
  readonly dueAt: number;
  readonly endedAt: number | null;
}

/** A place among runs, newest due last. */
export interface Place {
  readonly due: number;
  readonly pk: number;
}

/** What has to be known of somebody who may need a run: a subject, or a DAG for its runs without subjects. */
export interface Asker {
  readonly lastSuccess: Place | null;
  readonly newestRun: number | null;
  readonly finishedTotal: number;
  /** Its finished run that is the n-th from the newest; null when it has fewer. */
  nthFinished(n: number): Promise<Place | null>;
}

const DAY_MS = 86_400_000;

const isBefore = ({ dueAt, pk }: JudgedRun, place: Place): boolean =>
  dueAt < place.due || (dueAt === place.due && pk < place.pk);

/** The policy that holds for a run and one of its subjects; for its DAG when the type is null. */
export const policyFor = (
  policies: readonly RetentionPolicyFacts[],
  { instance, dagId }: JudgedRun,
  subjectType: string | null,
): RetentionPolicyFacts | undefined =>
  policies.find(
    (policy) =>
      (policy.subjectType === undefined || policy.subjectType === subjectType) &&
      (policy.dag === undefined || matchesGlob(policy.dag, dagId)) &&
      (policy.instance === undefined || matchesGlob(policy.instance.toLowerCase(), instance.toLowerCase())),
  );

/** Whether somebody needs a run by a policy; the same as the model's `judgeNeeds`, from sums instead of a whole history. */
export const isNeeded = async (
  run: JudgedRun,
  asker: Asker,
  { rule }: RetentionPolicyFacts,
  now: number,
): Promise<boolean> => {
  if (!isTerminalRunState(run.state) || run.pk === asker.lastSuccess?.pk) return true;
  switch (rule.keep) {
    case "everything":
      return true;
    case "latest_success_and_newest":
      return run.pk === asker.newestRun;
    case "older_than_latest_success":
      return asker.lastSuccess === null || run.dueAt >= asker.lastSuccess.due;
    case "last_n": {
      if (asker.finishedTotal <= rule.n) return true;
      const last = await asker.nthFinished(rule.n);
      return last === null || !isBefore(run, last);
    }
    case "failures_days":
      return run.state === "success" || (run.endedAt ?? run.dueAt) >= now - rule.days * DAY_MS;
    default:
      return rule satisfies never;
  }
};
