import { type CompiledSubjectRule, type RunKey, type SubjectRef, toRunFacts } from "@airfleet/model";
import type { RunListQuery, Store, StoredRun } from "@airfleet/store";

/** What rules would make of the stored runs. */
export interface RuleMatches {
  readonly examinedRuns: number;
  /** Not all stored runs were looked at. */
  readonly isPartial: boolean;
  readonly matchedRuns: number;
  readonly subjectsFound: number;
  readonly failures: number;
  readonly firstFailure: string | null;
  readonly samples: readonly MatchSample[];
}

export interface MatchSample {
  readonly run: StoredRun;
  /** The first of them. */
  readonly subjects: readonly SubjectRef[];
  readonly subjectsTotal: number;
  readonly problem: string | null;
}

/** What several rules together make of one run. */
export interface RunVerdict {
  readonly matched: boolean;
  readonly subjects: readonly SubjectRef[];
  readonly problem: string | null;
}

export interface MatchRequest {
  readonly instances?: readonly string[];
  readonly run?: RunKey;
  readonly maxRuns: number;
  readonly samples: number;
}

const PAGE = 500;
/** A request must be answered; what was not looked at by then is said. */
const TIME_MS = 8_000;
const SUBJECTS_IN_SAMPLE = 20;

/** The rules' word on one stored run. A rule that throws is a problem of the run, not of the caller. */
export const judgeRun = (rules: readonly CompiledSubjectRule[], run: StoredRun): RunVerdict => {
  const facts = toRunFacts(run.instance, run.record);
  const found = new Map<string, SubjectRef>();
  let matched = false;
  let problem: string | null = null;
  for (const rule of rules) {
    try {
      const outcome = rule.apply(facts);
      matched ||= outcome.matched;
      problem ??= outcome.problem;
      for (const subject of outcome.subjects) {
        const key = `${subject.type}\n${subject.id}`;
        found.set(key, { ...found.get(key), ...subject });
      }
    } catch (error) {
      problem ??= error instanceof Error ? error.message : String(error);
    }
  }
  return { matched, subjects: [...found.values()], problem };
};

/** Looks at stored runs, newest due first, and changes nothing. */
export const matchStoredRuns = async (
  { store, now }: { readonly store: Pick<Store, "runs">; readonly now: () => number },
  rules: readonly CompiledSubjectRule[],
  { instances, run, maxRuns, samples: wanted }: MatchRequest,
): Promise<RuleMatches> => {
  const until = now() + TIME_MS;
  const samples: MatchSample[] = [];
  let [examinedRuns, matchedRuns, subjectsFound, failures] = [0, 0, 0, 0];
  let firstFailure: string | null = null;

  const look = (stored: StoredRun): void => {
    const { matched, subjects, problem } = judgeRun(rules, stored);
    examinedRuns += 1;
    if (matched) matchedRuns += 1;
    subjectsFound += subjects.length;
    if (problem !== null) failures += 1;
    firstFailure ??= problem;
    if (samples.length >= wanted || (subjects.length === 0 && problem === null)) return;
    samples.push({
      run: stored,
      subjects: subjects.slice(0, SUBJECTS_IN_SAMPLE),
      subjectsTotal: subjects.length,
      problem,
    });
  };

  let isPartial = false;
  if (run === undefined) {
    const query: RunListQuery = { limit: PAGE, ...(instances !== undefined && { instances }) };
    let after: string | null = null;
    do {
      const limit = Math.min(PAGE, maxRuns - examinedRuns);
      const page = await store.runs.list({ ...query, ...(after !== null && { after }) });
      page.items.slice(0, limit).forEach(look);
      after = page.next;
      isPartial = (after !== null || page.items.length > limit) && (examinedRuns >= maxRuns || now() >= until);
    } while (after !== null && !isPartial);
  } else {
    const stored = await store.runs.find(run);
    if (stored !== undefined) look(stored);
  }
  return { examinedRuns, isPartial, matchedRuns, subjectsFound, failures, firstFailure, samples };
};
