import type { RunKey, RunState, SubjectRef } from "@airfleet/model";
import type { Transaction } from "kysely";
import { retryConflict } from "../backend/retry-conflict.ts";
import type { StoreContext } from "../context.ts";
import { fromCursor, toCursor, toPage } from "../paging/cursor.ts";
import type { Database } from "../schema.ts";
import { linkSubjects, unlinkSubjects } from "../subjects/link-subjects.ts";
import { applyStanding, applyStandings, refindStandings, settleStates } from "../subjects/subject-standing.ts";
import { findSubjectPk, upsertSubjects } from "../subjects/upsert-subjects.ts";
import { findRunPk, toStoredRuns } from "./find-runs.ts";
import { toSubjectRef } from "./first-subjects.ts";
import { subjectsLeft } from "./removal-events.ts";
import { runChanged, subjectsChanged, tell } from "./run-events.ts";
import type { RunRepository } from "./run-repository.ts";
import type { RunRow } from "./run-row.ts";

const lockRun = (trx: Transaction<Database>, { profile }: StoreContext, key: RunKey): Promise<RunRow | undefined> =>
  trx.selectFrom("runs").selectAll().where("key", "=", key).modifyEnd(profile.forUpdate).executeTakeFirst();

const standingOf = (row: RunRow) => ({ state: row.state as RunState, dueAt: row.due_at, endedAt: row.ended_ms });

/** Tells of a run whose subjects changed, and of a subject that has left it. */
const tellOf = async (
  trx: Transaction<Database>,
  context: StoreContext,
  pk: number,
  leftBy?: number,
): Promise<void> => {
  const rows = await trx.selectFrom("runs").selectAll().where("id", "=", pk).execute();
  const [run] = await toStoredRuns(trx, rows);
  if (run === undefined) return;
  const change = { run, before: run.record.state, after: run.record.state, isNew: false };
  const left = leftBy === undefined ? [] : await subjectsLeft(trx, [{ subjectPk: leftBy, run }]);
  await tell(trx, context, [runChanged(change), ...(await subjectsChanged(trx, [{ pk, run }])), ...left]);
};

const touch = (trx: Transaction<Database>, { clock }: StoreContext, pk: number) =>
  trx.updateTable("runs").set({ changed_at: clock() }).where("id", "=", pk).execute();

/** The part of the run repository that ties runs to subjects afterwards, and lists a run's. */
export const createRunSubjects = (
  context: StoreContext,
): Pick<RunRepository, "addSubjects" | "removeSubject" | "subjects"> => ({
  addSubjects: (key, refs) =>
    retryConflict(() =>
      context.db.transaction().execute(async (trx) => {
        const row = await lockRun(trx, context, key);
        if (row === undefined) return 0;
        const subjectPks = [...(await upsertSubjects(trx, context, refs)).values()];
        const linked = await linkSubjects(trx, [{ pk: row.id, dueAt: row.due_at, subjectPks }]);
        const added = (linked.get(row.id) ?? []).toSorted((left, right) => left - right);
        if (added.length === 0) return 0;
        const change = { runPk: row.id, before: null, after: standingOf(row), subjectPks: added };
        await applyStandings(trx, context, [change], added);
        await touch(trx, context, row.id);
        await tellOf(trx, context, row.id);
        return added.length;
      }),
    ),

  removeSubject: (key, subject) =>
    retryConflict(() =>
      context.db.transaction().execute(async (trx) => {
        const row = await lockRun(trx, context, key);
        const pk = await findSubjectPk(trx, subject);
        if (row === undefined || pk === undefined) return false;
        const removed = await unlinkSubjects(trx, { pk: row.id, dueAt: row.due_at }, [pk]);
        if (removed === 0) return false;
        const change = { runPk: row.id, before: standingOf(row), after: null, subjectPks: [pk] };
        await applyStanding(trx, change);
        await refindStandings(trx, [change], [pk]);
        await settleStates(trx, context, [pk]);
        await touch(trx, context, row.id);
        await tellOf(trx, context, row.id, pk);
        return true;
      }),
    ),

  async subjects({ key, limit, after }) {
    const types = ["string", "string", "number"] as const;
    const start = after === undefined ? undefined : fromCursor("run-subjects", key, types, after);
    const pk = await findRunPk(context.db, key);
    if (pk === undefined) return { items: [], next: null };
    let query = context.db
      .selectFrom("run_subjects")
      .innerJoin("subjects", "subjects.id", "run_subjects.subject_pk")
      .select(["subjects.id", "type", "sort_id", "external_id", "label", "url"])
      .where("run_pk", "=", pk);
    if (start !== undefined) {
      const [type = "", id = "", subjectPk = 0] = start;
      query = query.where((eb) =>
        eb(eb.refTuple("type", "sort_id", "subjects.id"), ">", eb.tuple(String(type), String(id), Number(subjectPk))),
      );
    }
    const rows = query
      .orderBy("type")
      .orderBy("sort_id")
      .orderBy("subjects.id")
      .limit(limit + 1);
    return toPage(await rows.execute(), limit, {
      item: (row): SubjectRef => toSubjectRef(row),
      cursor: (row) => toCursor("run-subjects", key, [row.type, row.sort_id, row.id]),
    });
  },
});
