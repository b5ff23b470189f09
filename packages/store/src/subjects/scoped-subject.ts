import { isTerminalRunState, type RunState, toRunKey, toTriggerId } from "@airfleet/model";
import type { StoreContext } from "../context.ts";
import type { StoredSubject, SubjectRun } from "./subject-repository.ts";
import { NAMED_TRIGGERS } from "./subject-row.ts";

/**
 * Newest runs of a subject that are looked at for somebody who may not see all instances; what is older is not counted.
 * The row of the subject speaks of all instances and tells such a reader nothing.
 */
const LINKS_LOOKED_AT = 10_000;

const isFirst = (runs: readonly SubjectRun[], wanted: (state: RunState) => boolean): SubjectRun | null =>
  runs.find(({ state }) => wanted(state)) ?? null;

const isActive = (state: RunState): boolean => !isTerminalRunState(state);

/** What a subject is to somebody who sees these instances only; undefined when no run of it is on one of them. */
export const toScopedSubject = async (
  { db }: StoreContext,
  subject: StoredSubject,
  pk: number,
  instances: readonly string[],
): Promise<StoredSubject | undefined> => {
  if (instances.length === 0) return undefined;
  const links = db
    .selectFrom("run_subjects")
    .select(["run_pk", "due_at"])
    .where("subject_pk", "=", pk)
    .orderBy("due_at", "desc")
    .orderBy("run_pk", "desc")
    .limit(LINKS_LOOKED_AT);
  const rows = await db
    .selectFrom(links.as("links"))
    .innerJoin("runs", "runs.id", "links.run_pk")
    .select([
      "runs.key",
      "runs.instance_id",
      "runs.dag_id",
      "runs.run_id",
      "runs.state",
      "runs.due_at",
      "runs.started_ms",
      "runs.ended_ms",
    ])
    .where("runs.instance_id", "in", instances)
    .orderBy("links.due_at", "desc")
    .orderBy("links.run_pk", "desc")
    .execute();
  const pending = db
    .selectFrom("trigger_subjects")
    .innerJoin("triggers", "triggers.id", "trigger_subjects.trigger_id")
    .select("triggers.id")
    .where("subject_pk", "=", pk)
    .where((eb) => eb("is_pending", "=", eb.lit(1)))
    .where("triggers.instance_id", "in", instances);
  const pendingTriggers = (await pending.orderBy("triggers.id", "desc").limit(NAMED_TRIGGERS).execute()).map(({ id }) =>
    toTriggerId(id),
  );
  if (rows.length === 0 && pendingTriggers.length === 0) return undefined;
  const runs = rows.map(
    (row): SubjectRun => ({
      key: toRunKey(row.key),
      instance: row.instance_id,
      dagId: row.dag_id,
      runId: row.run_id,
      state: row.state as RunState,
      dueAt: row.due_at,
      startedAt: row.started_ms,
      endedAt: row.ended_ms,
    }),
  );
  const currentRun = isFirst(runs, isActive);
  const count = (wanted: (state: RunState) => boolean): number => runs.filter(({ state }) => wanted(state)).length;
  return {
    ...subject,
    state:
      currentRun?.state ??
      (pendingTriggers.length > 0 ? "pending" : (isFirst(runs, isTerminalRunState)?.state ?? "none")),
    lastSuccess: isFirst(runs, (state) => state === "success"),
    currentRun,
    lastFailure: isFirst(runs, (state) => state === "failed"),
    newestRun: runs[0] ?? null,
    pendingTriggers,
    counts: {
      total: runs.length,
      success: count((state) => state === "success"),
      failed: count((state) => state === "failed"),
      active: count(isActive),
    },
  };
};
