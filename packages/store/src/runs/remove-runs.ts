import { setTimeout as pause } from "node:timers/promises";
import type { RunKey, RunState } from "@airfleet/model";
import type { Transaction } from "kysely";
import { inChunks } from "../backend/chunks.ts";
import { retryConflict } from "../backend/retry-conflict.ts";
import { appendAudit } from "../audit/audit.ts";
import type { AuditNote } from "../audit/audit-entry.ts";
import type { StoreContext } from "../context.ts";
import type { Database } from "../schema.ts";
import { unlinkSubjects } from "../subjects/link-subjects.ts";
import type { StandingChange } from "../subjects/standing-columns.ts";
import {
  applyAll,
  applyStanding,
  lockSubjects,
  lockSubjectsOf,
  refindStandings,
  settleStates,
} from "../subjects/subject-standing.ts";
import { applyOutcomes, lockDags } from "./dag-outcomes.ts";
import { begunTime } from "./due-time.ts";
import { toStoredRuns } from "./find-runs.ts";
import { bulkLeft, runRemoved, subjectsLeft, subjectsToLeave } from "./removal-events.ts";
import { tell } from "./run-events.ts";
import type { StoredRun } from "./run-repository.ts";
import { type RunRow, toRecord } from "./run-row.ts";
import { dropTerms } from "./write-runs.ts";

/** Runs per transaction, so that nobody waits long for a sweep. */
const CHUNK = 20;
/** A bulk run's subjects leave it this many at a time, before it goes itself. */
const SUBJECTS_AT_ONCE = 500;

/** Has the last word, with the runs, their subjects and their DAGs locked by the transaction that drops them. */
export interface RemovalJudge {
  /** Those of them that may go. */
  whichGo(trx: Transaction<Database>, rows: readonly RunRow[]): Promise<readonly RunRow[]>;
  /** Whether a bulk run's first subjects, so many, may leave it. */
  mayLeave(trx: Transaction<Database>, row: RunRow, limit: number): Promise<boolean>;
}

const lockRuns = (trx: Transaction<Database>, { profile }: StoreContext, keys: readonly RunKey[]) =>
  trx.selectFrom("runs").selectAll().where("key", "in", keys).orderBy("key").modifyEnd(profile.forUpdate).execute();

const standingOf = (row: RunRow) => ({ state: row.state as RunState, dueAt: row.due_at, endedAt: row.ended_ms });

/** @returns How many subjects the run still has; 0 when no more of them are to leave it. */
const loosenBulk = (context: StoreContext, key: RunKey, judge?: RemovalJudge): Promise<number> =>
  context.db.transaction().execute(async (trx) => {
    const [row] = await lockRuns(trx, context, [key]);
    if (row === undefined || row.subjects_total <= SUBJECTS_AT_ONCE) return 0;
    const links = trx.selectFrom("run_subjects").select("subject_pk").where("run_pk", "=", row.id);
    const pks = (await links.orderBy("subject_pk").limit(SUBJECTS_AT_ONCE).execute()).map((link) => link.subject_pk);
    await lockSubjects(trx, context, pks);
    if ((await judge?.mayLeave(trx, row, SUBJECTS_AT_ONCE)) === false) return 0;
    await unlinkSubjects(trx, { pk: row.id, dueAt: row.due_at }, pks);
    const change = { runPk: row.id, before: standingOf(row), after: null, subjectPks: pks };
    await applyStanding(trx, change);
    await refindStandings(trx, [change], pks);
    await settleStates(trx, context, pks);
    return row.subjects_total - pks.length;
  });

/** So that the feed does not bring them back while the engine has them. */
const remember = async (trx: Transaction<Database>, rows: readonly RunRow[], now: number): Promise<void> => {
  await trx
    .insertInto("removed_runs")
    .values(
      rows.map((row) => ({
        key: row.key,
        instance_id: row.instance_id,
        dag_id: row.dag_id,
        due_at: row.due_at,
        begun_at: begunTime(toRecord(row)),
        removed_at: now,
      })),
    )
    .onConflict((conflict) =>
      conflict
        .column("key")
        .doUpdateSet((eb) => ({ begun_at: eb.ref("excluded.begun_at"), removed_at: eb.ref("excluded.removed_at") })),
    )
    .execute();
};

const leaveSubjects = async (
  trx: Transaction<Database>,
  context: StoreContext,
  rows: readonly RunRow[],
): Promise<void> => {
  const linked = rows.filter((row) => row.subjects_total > 0);
  const pks = linked.map((row) => row.id);
  const subjectPks = await lockSubjectsOf(trx, context, pks);
  if (subjectPks.length === 0) return;
  const changes = linked.map((row): StandingChange => ({ runPk: row.id, before: standingOf(row), after: null }));
  await applyAll(trx, changes, subjectPks.length);
  await trx.deleteFrom("run_subjects").where("run_pk", "in", pks).execute();
  await refindStandings(trx, changes, subjectPks);
  await settleStates(trx, context, subjectPks);
};

/** How a removal is judged and noted. */
export interface RemovalTerms {
  readonly reason: string;
  /** Absent: all go. */
  readonly judge?: RemovalJudge;
  /** What the audit trail says of those that go, written in the transaction that drops them. */
  readonly auditOf?: (removed: readonly RunKey[]) => readonly AuditNote[];
}

interface Removal extends RemovalTerms {
  /** Bulk runs as they were before their subjects left them. */
  readonly whole: ReadonlyMap<RunKey, StoredRun>;
}

const lockWhatGoes = async (
  trx: Transaction<Database>,
  context: StoreContext,
  keys: readonly RunKey[],
  judge: RemovalJudge | undefined,
): Promise<readonly RunRow[]> => {
  const rows = await lockRuns(trx, context, keys);
  if (judge === undefined || rows.length === 0) return rows;
  await lockSubjectsOf(
    trx,
    context,
    rows.map(({ id }) => id),
  );
  await lockDags(
    trx,
    context,
    rows.map((row) => ({ instance: row.instance_id, dagId: row.dag_id })),
  );
  return judge.whichGo(trx, rows);
};

const removeChunk = (
  context: StoreContext,
  keys: readonly RunKey[],
  { reason, judge, auditOf, whole }: Removal,
): Promise<readonly RunKey[]> =>
  context.db.transaction().execute(async (trx) => {
    const rows = await lockWhatGoes(trx, context, keys, judge);
    if (rows.length === 0) return [];
    const pks = rows.map((row) => row.id);
    const runs = (await toStoredRuns(trx, rows)).map((run) => whole.get(run.key) ?? run);
    const pkOf = new Map(rows.map((row) => [row.key, row.id]));
    const left = await subjectsToLeave(
      trx,
      runs.map((run) => ({ pk: pkOf.get(run.key) ?? 0, run })),
    );
    await remember(trx, rows, context.clock());
    await leaveSubjects(trx, context, rows);
    await applyOutcomes(
      trx,
      context,
      rows.map((row) => ({
        pk: row.id,
        instance: row.instance_id,
        dagId: row.dag_id,
        before: standingOf(row),
        after: null,
      })),
    );
    await dropTerms(trx, rows);
    for (const table of ["observations", "run_tasks", "run_tries"] as const) {
      await trx.deleteFrom(table).where("run_pk", "in", pks).execute();
    }
    const gone = rows.map(({ key }) => key);
    await trx.deleteFrom("reported_details").where("run_key", "in", gone).execute();
    await trx.deleteFrom("reported_tasks").where("run_key", "in", gone).execute();
    await trx
      .deleteFrom("stops")
      .where(
        "run_key",
        "in",
        rows.map(({ key }) => key),
      )
      .execute();
    await trx.deleteFrom("runs").where("id", "in", pks).execute();
    const news = [...(await subjectsLeft(trx, left)), ...bulkLeft(runs)];
    await tell(trx, context, [...runs.map((run) => runRemoved(run, reason)), ...news]);
    const removed = runs.map(({ key }) => key);
    if (auditOf !== undefined) await appendAudit(trx, context, auditOf(removed));
    return removed;
  });

/**
 * How much longer than a step took the next one waits, so that a sweep does not make readers wait: a step on SQLite holds
 * up this whole process, one on PostgreSQL takes a share of its server.
 */
const REST = { sqlite: 19, postgres: 4 } as const;
const LONGEST_REST_MS = 500;

/** See `RunRepository.remove`. @returns Those that were dropped. */
export const removeRuns = async (
  context: StoreContext,
  keys: readonly RunKey[],
  terms: RemovalTerms,
): Promise<readonly RunKey[]> => {
  const { judge } = terms;
  let rest = 0;
  const step = async <T>(work: () => Promise<T>): Promise<T> => {
    if (rest > 0) await pause(rest);
    const started = performance.now();
    const answer = await retryConflict(work);
    rest = Math.min(LONGEST_REST_MS, (performance.now() - started) * REST[context.profile.name]);
    return answer;
  };
  const removed: RunKey[] = [];
  for (const chunk of inChunks([...new Set(keys)].toSorted(), CHUNK)) {
    const rows = context.db.selectFrom("runs").selectAll().where("key", "in", chunk);
    const bulk = await toStoredRuns(context.db, await rows.where("subjects_total", ">", SUBJECTS_AT_ONCE).execute());
    for (const { key } of bulk) while ((await step(() => loosenBulk(context, key, judge))) > SUBJECTS_AT_ONCE);
    const whole = new Map(bulk.map((run) => [run.key, run]));
    removed.push(...(await step(() => removeChunk(context, chunk, { ...terms, whole }))));
  }
  return removed;
};
