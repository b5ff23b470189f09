import { type RunState, toRunKey, toTriggerId, type TriggerId } from "@airfleet/model";
import type { Kysely, Selectable, Transaction } from "kysely";
import { inChunks } from "../backend/chunks.ts";
import type { Database } from "../schema.ts";
import type { StoredSubject, SubjectRun, SubjectState } from "./subject-repository.ts";
import type { SubjectTable } from "./subject-tables.ts";

type Db = Kysely<Database> | Transaction<Database>;
export type SubjectRow = Selectable<SubjectTable>;

/** Triggers that are named; `pending_total` says how many there are. */
export const NAMED_TRIGGERS = 20;
const CHUNK = 5_000;

const RUN_COLUMNS = [
  "id",
  "key",
  "instance_id",
  "dag_id",
  "run_id",
  "state",
  "due_at",
  "started_ms",
  "ended_ms",
] as const;

const readSubjectRuns = async (db: Db, pks: readonly number[]): Promise<ReadonlyMap<number, SubjectRun>> => {
  const runs = new Map<number, SubjectRun>();
  for (const chunk of inChunks([...new Set(pks)], CHUNK)) {
    const rows = await db.selectFrom("runs").select(RUN_COLUMNS).where("id", "in", chunk).execute();
    for (const row of rows) {
      runs.set(row.id, {
        key: toRunKey(row.key),
        instance: row.instance_id,
        dagId: row.dag_id,
        runId: row.run_id,
        state: row.state as RunState,
        dueAt: row.due_at,
        startedAt: row.started_ms,
        endedAt: row.ended_ms,
      });
    }
  }
  return runs;
};

const readTriggers = async (
  db: Db,
  rows: readonly SubjectRow[],
): Promise<ReadonlyMap<number, readonly TriggerId[]>> => {
  const pks = rows.filter((row) => row.pending_total > 0).map((row) => row.id);
  const triggers = new Map<number, readonly TriggerId[]>();
  for (const pk of pks) {
    const found = await db
      .selectFrom("trigger_subjects")
      .select("trigger_id")
      .where("subject_pk", "=", pk)
      .where((eb) => eb("is_pending", "=", eb.lit(1)))
      .orderBy("trigger_id", "desc")
      .limit(NAMED_TRIGGERS)
      .execute();
    triggers.set(
      pk,
      found.map((row) => toTriggerId(row.trigger_id)),
    );
  }
  return triggers;
};

const runsOf = (row: SubjectRow): readonly (number | null)[] => [
  row.newest_run,
  row.current_run,
  row.last_success_run,
  row.last_failure_run,
];

/** Rows with the runs and triggers that they name, in the order given. */
export const toStoredSubjects = async (db: Db, rows: readonly SubjectRow[]): Promise<readonly StoredSubject[]> => {
  const runs = await readSubjectRuns(
    db,
    rows.flatMap(runsOf).filter((pk) => pk !== null),
  );
  const triggers = await readTriggers(db, rows);
  const runOf = (pk: number | null): SubjectRun | null => (pk === null ? null : (runs.get(pk) ?? null));
  return rows.map((row) => ({
    type: row.type,
    id: row.external_id,
    label: row.label,
    url: row.url,
    state: row.state as SubjectState,
    lastSuccess: runOf(row.last_success_run),
    currentRun: runOf(row.current_run),
    lastFailure: runOf(row.last_failure_run),
    newestRun: runOf(row.newest_run),
    pendingTriggers: triggers.get(row.id) ?? [],
    counts: {
      total: row.runs_total,
      success: row.runs_success,
      failed: row.runs_failed,
      active: row.runs_active,
    },
    firstSeenAt: row.first_seen_at,
    changedAt: row.changed_at,
  }));
};
