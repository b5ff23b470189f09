import type { SubjectRef } from "../work/subject.ts";
import { choosePolicy } from "./choose-policy.ts";
import { neededRuns, type RetainedRun } from "./needed-runs.ts";
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

interface Group {
  readonly policy: string | null;
  readonly keep: RetentionRule;
  readonly subject: RetentionSay["subject"];
  readonly runs: RunToJudge[];
}

const EVERYTHING: RetentionRule = { rule: "everything" };

/**
 * Which runs go: those that have finished and that nobody needs. Each subject of a run has a say, by the policy that
 * governs this run of this subject; a single one that needs the run keeps it, so a run about many objects stays until
 * all of them have something newer. Runs without subjects are judged among those of their DAG on their instance.
 *
 * The whole history of each subject and DAG concerned must be given. @param now Epoch milliseconds.
 */
export const decideRetention = (
  runs: readonly RunToJudge[],
  policies: readonly NamedPolicy[],
  now: number,
): readonly RetentionDecision[] => {
  const groups = new Map<string, Group>();
  const groupsOf = new Map<RunToJudge, Group[]>();
  for (const run of runs) {
    const { instance, dagId } = run;
    const askers = run.subjects.length === 0 ? [null] : run.subjects;
    const joined = askers.map((subject) => {
      const chosen = choosePolicy(policies, { subjectType: subject?.type ?? null, dagId, instance });
      const asker = subject === null ? [instance, dagId] : [subject.type, subject.id];
      const name = JSON.stringify([chosen?.id ?? null, subject === null, ...asker]);
      const group = groups.get(name) ?? {
        policy: chosen?.id ?? null,
        keep: chosen?.policy.keep ?? EVERYTHING,
        subject,
        runs: [],
      };
      groups.set(name, group);
      group.runs.push(run);
      return group;
    });
    groupsOf.set(run, joined);
  }
  const needed = new Map([...groups.values()].map((group) => [group, neededRuns(group.runs, group.keep, now)]));
  return runs.map((run) => {
    const says = (groupsOf.get(run) ?? []).map((group) => ({
      subject: group.subject,
      policy: group.policy,
      needed: needed.get(group)?.has(run.key) ?? true,
    }));
    return { key: run.key, goes: says.every((say) => !say.needed), says };
  });
};
