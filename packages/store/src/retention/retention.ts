import { setImmediate as nextTurn } from "node:timers/promises";
import { isTerminalRunState, type RunState, toRunKey } from "@airfleet/model";
import { inChunks } from "../backend/chunks.ts";
import type { StoreContext } from "../context.ts";
import { fromCursor, toCursor } from "../paging/cursor.ts";
import { type AskingSubject, readDag, readSubjects } from "./askers.ts";
import { type Asker, isNeeded, type JudgedRun, policyFor } from "./judge-run.ts";
import type {
  RetentionCandidate,
  RetentionQuery,
  RetentionReason,
  RetentionRepository,
} from "./retention-repository.ts";

/** Runs judged before others have their turn. */
const RUNS_AT_ONCE = 50;
/** Reasons that come with a candidate. */
const NAMED_REASONS = 20;
/** Runs with more subjects are judged one by one, so many subjects at a time, until one needs the run. */
const FEW_SUBJECTS = 50;
const SUBJECTS_AT_ONCE = 500;

interface Row extends JudgedRun {
  readonly key: string;
  readonly runId: string;
  readonly subjectsTotal: number;
}

/** What was found so far, once for a page. */
interface Hearing {
  readonly context: StoreContext;
  readonly query: RetentionQuery;
  readonly dags: Map<string, Promise<Asker>>;
}

type Verdict = readonly RetentionReason[] | "needed";

const readRows = async ({ db }: StoreContext, { batch, after, instances }: RetentionQuery): Promise<readonly Row[]> => {
  const start = after === undefined ? undefined : fromCursor("retention", instances, ["number", "number"], after);
  let query = db
    .selectFrom("runs")
    .select(["id", "key", "instance_id", "dag_id", "run_id", "state", "due_at", "ended_ms", "subjects_total"]);
  // Not by the index of instances: the order is that of due times, and all runs of theirs would have to be sorted.
  if (instances !== undefined)
    query = query.where((eb) => eb(eb.fn.coalesce("instance_id", eb.val("")), "in", instances));
  if (start !== undefined) {
    query = query.where((eb) => eb(eb.refTuple("due_at", "id"), ">", eb.tuple(Number(start[0]), Number(start[1]))));
  }
  const rows = await query.orderBy("due_at").orderBy("id").limit(batch).execute();
  return rows.map((row) => ({
    pk: row.id,
    key: row.key,
    instance: row.instance_id,
    dagId: row.dag_id,
    runId: row.run_id,
    state: row.state as RunState,
    dueAt: row.due_at,
    endedAt: row.ended_ms,
    subjectsTotal: row.subjects_total,
  }));
};

const judgeAlone = async ({ context, query, dags }: Hearing, run: Row): Promise<Verdict> => {
  const policy = policyFor(query.policies, run, null);
  if (policy === undefined) return "needed";
  const place = JSON.stringify([run.instance, run.dagId]);
  const asked = dags.get(place) ?? readDag(context.db, run);
  dags.set(place, asked);
  return (await isNeeded(run, await asked, policy, query.now)) ? "needed" : [{ policy: policy.id, subject: null }];
};

const judgeBySubjects = async ({ query }: Hearing, run: Row, subjects: readonly AskingSubject[]): Promise<Verdict> => {
  const reasons: RetentionReason[] = [];
  for (const { type, id, asker } of subjects) {
    const policy = policyFor(query.policies, run, type);
    if (policy === undefined || (await isNeeded(run, asker, policy, query.now))) return "needed";
    reasons.push({ policy: policy.id, subject: { type, id } });
  }
  return reasons;
};

const judgeBulk = async (hearing: Hearing, run: Row): Promise<Verdict> => {
  const reasons: RetentionReason[] = [];
  for (let after = 0; ; ) {
    const { subjects, last } = await readSubjects(hearing.context.db, [run.pk], { after, limit: SUBJECTS_AT_ONCE });
    if (last === undefined) return reasons;
    const verdict = await judgeBySubjects(hearing, run, subjects);
    if (verdict === "needed") return verdict;
    if (reasons.length < NAMED_REASONS) reasons.push(...verdict);
    after = last;
  }
};

const toCandidate = (run: Row, reasons: readonly RetentionReason[]): RetentionCandidate => ({
  key: toRunKey(run.key),
  instance: run.instance,
  dagId: run.dagId,
  runId: run.runId,
  state: run.state,
  dueAt: run.dueAt,
  reasons: reasons.slice(0, NAMED_REASONS),
  reasonsTotal: Math.max(1, run.subjectsTotal),
});

const judgeAll = async (hearing: Hearing, rows: readonly Row[]): Promise<readonly RetentionCandidate[]> => {
  const finished = rows.filter(({ state }) => isTerminalRunState(state));
  const few = finished.filter(({ subjectsTotal }) => subjectsTotal > 0 && subjectsTotal <= FEW_SUBJECTS);
  const { subjects } = await readSubjects(
    hearing.context.db,
    few.map(({ pk }) => pk),
  );
  const byRun = Map.groupBy(subjects, ({ runPk }) => runPk);
  const judge = (run: Row): Promise<Verdict> => {
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

export const createRetentionRepository = (context: StoreContext): RetentionRepository => ({
  async candidates(query) {
    if (query.policies.length === 0 || query.instances?.length === 0) return { items: [], looked: 0, next: null };
    const rows = await readRows(context, query);
    const hearing = { context, query, dags: new Map() };
    const items: RetentionCandidate[] = [];
    for (const chunk of inChunks(rows, RUNS_AT_ONCE)) {
      items.push(...(await judgeAll(hearing, chunk)));
      // SQLite works in this thread: let requests in between two pieces.
      await nextTurn();
    }
    const last = rows.length < query.batch ? undefined : rows.at(-1);
    return {
      items,
      looked: rows.length,
      next: last === undefined ? null : toCursor("retention", query.instances, [last.dueAt, last.pk]),
    };
  },
});
