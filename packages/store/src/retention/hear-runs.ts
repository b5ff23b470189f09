import { isTerminalRunState, type RunState, toRunKey } from "@airfleet/model";
import type { RunRow } from "../runs/run-row.ts";
import { type AskingSubject, readDag, readSubjects } from "./askers.ts";
import { type Asker, isNeeded, type JudgedRun, policyFor } from "./judge-run.ts";
import type { RetentionCandidate, RetentionReason, RetentionTerms } from "./retention-repository.ts";

/** Reasons that come with a candidate. */
const NAMED_REASONS = 20;
/** Runs with more subjects are judged one by one, so many subjects at a time, until one needs the run. */
const FEW_SUBJECTS = 50;
const SUBJECTS_AT_ONCE = 500;

/** A run with what is told of it when it goes. */
export interface HeardRun extends JudgedRun {
  readonly key: string;
  readonly runId: string;
  readonly subjectsTotal: number;
}

/** What was found so far, for runs that are judged together. */
export interface Hearing {
  readonly db: Parameters<typeof readSubjects>[0];
  readonly terms: RetentionTerms;
  readonly dags: Map<string, Promise<Asker>>;
}

type Verdict = readonly RetentionReason[] | "needed";

type HeardColumns =
  | "id"
  | "key"
  | "instance_id"
  | "dag_id"
  | "run_id"
  | "state"
  | "due_at"
  | "ended_ms"
  | "subjects_total";

export const createHearing = (db: Hearing["db"], terms: RetentionTerms): Hearing => ({ db, terms, dags: new Map() });

export const toHeardRun = (row: Pick<RunRow, HeardColumns>): HeardRun => ({
  pk: row.id,
  key: row.key,
  instance: row.instance_id,
  dagId: row.dag_id,
  runId: row.run_id,
  state: row.state as RunState,
  dueAt: row.due_at,
  endedAt: row.ended_ms,
  subjectsTotal: row.subjects_total,
});

const judgeAlone = async ({ db, terms, dags }: Hearing, run: HeardRun): Promise<Verdict> => {
  const policy = policyFor(terms.policies, run, null);
  if (policy === undefined) return "needed";
  const place = JSON.stringify([run.instance, run.dagId]);
  const asked = dags.get(place) ?? readDag(db, run);
  dags.set(place, asked);
  return (await isNeeded(run, await asked, policy, terms.now)) ? "needed" : [{ policy: policy.id, subject: null }];
};

const judgeBySubjects = async (
  { terms }: Hearing,
  run: HeardRun,
  subjects: readonly AskingSubject[],
): Promise<Verdict> => {
  const reasons: RetentionReason[] = [];
  for (const { type, id, asker } of subjects) {
    const policy = policyFor(terms.policies, run, type);
    if (policy === undefined || (await isNeeded(run, asker, policy, terms.now))) return "needed";
    reasons.push({ policy: policy.id, subject: { type, id } });
  }
  return reasons;
};

const judgeBulk = async (hearing: Hearing, run: HeardRun): Promise<Verdict> => {
  const reasons: RetentionReason[] = [];
  for (let after = 0; ; ) {
    const { subjects, last } = await readSubjects(hearing.db, [run.pk], { after, limit: SUBJECTS_AT_ONCE });
    if (last === undefined) return reasons;
    const verdict = await judgeBySubjects(hearing, run, subjects);
    if (verdict === "needed") return verdict;
    if (reasons.length < NAMED_REASONS) reasons.push(...verdict);
    after = last;
  }
};

const toCandidate = (run: HeardRun, reasons: readonly RetentionReason[]): RetentionCandidate => ({
  key: toRunKey(run.key),
  instance: run.instance,
  dagId: run.dagId,
  runId: run.runId,
  state: run.state,
  dueAt: run.dueAt,
  reasons: reasons.slice(0, NAMED_REASONS),
  reasonsTotal: Math.max(1, run.subjectsTotal),
});

/** Those of these runs that nobody needs, and why. */
export const hearRuns = async (hearing: Hearing, runs: readonly HeardRun[]): Promise<readonly RetentionCandidate[]> => {
  const finished = runs.filter(({ state }) => isTerminalRunState(state));
  const few = finished.filter(({ subjectsTotal }) => subjectsTotal > 0 && subjectsTotal <= FEW_SUBJECTS);
  const { subjects } = await readSubjects(
    hearing.db,
    few.map(({ pk }) => pk),
  );
  const byRun = Map.groupBy(subjects, ({ runPk }) => runPk);
  const judge = (run: HeardRun): Promise<Verdict> => {
    if (run.subjectsTotal === 0) return judgeAlone(hearing, run);
    if (run.subjectsTotal > FEW_SUBJECTS) return judgeBulk(hearing, run);
    return judgeBySubjects(hearing, run, byRun.get(run.pk) ?? []);
  };
  const candidates: RetentionCandidate[] = [];
  for (const run of finished) {
    const verdict = await judge(run);
    if (verdict !== "needed" && verdict.length > 0) candidates.push(toCandidate(run, verdict));
  }
  return candidates;
};

/** Whether none of the first subjects of a run, in the order in which they leave it, needs it. */
export const mayLeave = async (hearing: Hearing, run: HeardRun, limit: number): Promise<boolean> => {
  if (!isTerminalRunState(run.state)) return false;
  const { subjects } = await readSubjects(hearing.db, [run.pk], { after: 0, limit });
  return (await judgeBySubjects(hearing, run, subjects)) !== "needed";
};
