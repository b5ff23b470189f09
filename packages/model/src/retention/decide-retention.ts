import type { SubjectRef } from "../work/subject.ts";
import { choosePolicy, orderPolicies } from "./choose-policy.ts";
import { judgeNeeds, type RetainedRun } from "./needed-runs.ts";
import type { NamedPolicy, RetentionRule } from "./retention-policy.ts";

/** A run with what ties it to others. */
export interface RunToJudge extends RetainedRun {
  readonly instance: string;
  readonly dagId: string;
  readonly subjects: readonly Pick<SubjectRef, "type" | "id">[];
}

/** Who has a say about a run, and what they say. */
export interface RetentionSay {
  /** Null: the run has no subjects, and its DAG is asked. */
  readonly subject: Pick<SubjectRef, "type" | "id"> | null;
  /** Null: no policy, so everything is kept. */
  readonly policy: string | null;
  readonly needed: boolean;
}

export interface RetentionDecision {
  readonly key: string;
  readonly goes: boolean;
  readonly says: readonly RetentionSay[];
}

const EVERYTHING: RetentionRule = { keep: "everything" };

type Subject = RetentionSay["subject"];

/** Those who have a say about a run: each of its subjects, or its DAG where it has none. */
const askersOf = ({ instance, dagId, subjects }: RunToJudge): readonly (readonly [name: string, subject: Subject])[] =>
  subjects.length === 0
    ? [[JSON.stringify(["dag", instance, dagId]), null]]
    : subjects.map((subject) => [JSON.stringify(["subject", subject.type, subject.id]), subject]);

/**
 * Which runs go: those that have finished and that nobody needs. Each subject of a run has a say, by the policy that
 * governs this run of this subject; a single one that needs the run keeps it, so a run about many objects stays until
 * all of them have something newer. Runs without subjects are judged among those of their DAG on their instance.
 *
 * @param runs The whole history of each subject and DAG concerned, in the order in which the runs were first seen.
 * @param now Epoch milliseconds.
 */
export const decideRetention = (
  runs: readonly RunToJudge[],
  policies: readonly NamedPolicy[],
  now: number,
): readonly RetentionDecision[] => {
  const ordered = orderPolicies(policies);
  const histories = new Map<string, RunToJudge[]>();
  for (const run of runs) {
    for (const [name] of askersOf(run)) {
      const history = histories.get(name) ?? [];
      histories.set(name, history);
      history.push(run);
    }
  }
  const judges = new Map([...histories].map(([name, history]) => [name, judgeNeeds(history, now)]));
  return runs.map((run) => {
    const says = askersOf(run).map(([name, subject]): RetentionSay => {
      const place = { subjectType: subject?.type ?? null, dagId: run.dagId, instance: run.instance };
      const chosen = choosePolicy(ordered, place);
      const needed = judges.get(name)?.(run, chosen?.policy.rule ?? EVERYTHING) ?? true;
      return { subject, policy: chosen?.id ?? null, needed };
    });
    return { key: run.key, goes: says.every((say) => !say.needed), says };
  });
};
