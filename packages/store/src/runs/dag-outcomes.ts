import type { RunState } from "@airfleet/model";
import { type Selectable, sql, type Transaction } from "kysely";
import type { StoreContext } from "../context.ts";
import type { Database } from "../schema.ts";
import type { RunDagTable } from "./run-tables.ts";

/** How a run of a DAG changed; null before it was known, and after it was removed. */
export interface OutcomeChange {
  readonly pk: number;
  readonly instance: string;
  readonly dagId: string;
  readonly before: { readonly state: RunState; readonly dueAt: number } | null;
  readonly after: { readonly state: RunState; readonly dueAt: number } | null;
}

type Outcome = Pick<Selectable<RunDagTable>, "last_success_run" | "last_success_due">;

const isOutcome = (side: OutcomeChange["before"]): boolean => side?.state === "success" || side?.state === "failed";

const isMoved = ({ before, after }: OutcomeChange): boolean =>
  before?.state !== after?.state || before?.dueAt !== after?.dueAt;

const placeOf = ({ instance, dagId }: Pick<OutcomeChange, "instance" | "dagId">): string =>
  JSON.stringify([instance, dagId]);

/** Takes the row of a DAG for this transaction, making it when there is none. */
const lockOutcome = async (
  trx: Transaction<Database>,
  { profile }: Pick<StoreContext, "profile">,
  { instance, dagId }: Pick<OutcomeChange, "instance" | "dagId">,
): Promise<Outcome> => {
  await trx
    .insertInto("run_dags")
    .values({ instance_id: instance, dag_id: dagId })
    .onConflict((conflict) => conflict.columns(["instance_id", "dag_id"]).doNothing())
    .execute();
  return trx
    .selectFrom("run_dags")
    .select(["last_success_run", "last_success_due"])
    .where("instance_id", "=", instance)
    .where("dag_id", "=", dagId)
    .modifyEnd(profile.forUpdate)
    .executeTakeFirstOrThrow();
};

const newestSuccess = async (
  trx: Transaction<Database>,
  instance: string,
  dagId: string,
  without: readonly number[],
): Promise<Outcome> => {
  let query = trx
    .selectFrom("runs")
    .select(["id", "due_at"])
    .where("instance_id", "=", instance)
    .where("dag_id", "=", dagId)
    .where("state", "=", "success");
  if (without.length > 0) query = query.where("id", "not in", without);
  const row = await query.orderBy("due_at", "desc").orderBy("id", "desc").limit(1).executeTakeFirst();
  return { last_success_run: row?.id ?? null, last_success_due: row?.due_at ?? null };
};

/** Failures that a success had made good stand open again when it is one no more. */
const reopen = (
  trx: Transaction<Database>,
  instance: string,
  dagId: string,
  from: number,
  without: readonly number[],
) =>
  trx
    .insertInto("open_failures")
    .columns(["due_at", "run_pk", "instance_id", "dag_id"])
    .expression((eb) => {
      const failed = eb
        .selectFrom("runs")
        .select(["due_at", "id", "instance_id", "dag_id"])
        .where("instance_id", "=", instance)
        .where("dag_id", "=", dagId)
        .where("state", "=", sql.lit("failed"))
        .where("due_at", ">=", from);
      return without.length > 0 ? failed.where("id", "not in", without) : failed;
    })
    .onConflict((conflict) => conflict.columns(["due_at", "run_pk"]).doNothing())
    .execute();

const applyToDag = async (
  trx: Transaction<Database>,
  known: Outcome,
  changes: readonly OutcomeChange[],
): Promise<void> => {
  const [{ instance, dagId } = { instance: "", dagId: "" }] = changes;
  const gone = changes.flatMap(({ pk, after }) => (after === null ? [pk] : []));
  const isLost = changes.some(({ pk, before }) => pk === known.last_success_run && before?.state === "success");
  const successes = changes.flatMap(({ pk, after }) =>
    after?.state === "success" ? [{ last_success_run: pk, last_success_due: after.dueAt }] : [],
  );
  const start = isLost ? await newestSuccess(trx, instance, dagId, gone) : known;
  const newest = [start, ...successes].reduce((left, right) =>
    (right.last_success_due ?? Number.NEGATIVE_INFINITY) > (left.last_success_due ?? Number.NEGATIVE_INFINITY)
      ? right
      : left,
  );
  if (newest.last_success_run !== known.last_success_run || newest.last_success_due !== known.last_success_due) {
    await trx
      .updateTable("run_dags")
      .set(newest)
      .where("instance_id", "=", instance)
      .where("dag_id", "=", dagId)
      .execute();
  }
  const closed = changes.flatMap(({ pk, before }) => (before?.state === "failed" ? [pk] : []));
  if (closed.length > 0) await trx.deleteFrom("open_failures").where("run_pk", "in", closed).execute();
  const since = newest.last_success_due ?? Number.MIN_SAFE_INTEGER;
  const knownSince = known.last_success_due ?? Number.MIN_SAFE_INTEGER;
  if (since < knownSince) await reopen(trx, instance, dagId, since, gone);
  const opened = changes.flatMap(({ pk, after }) =>
    after?.state === "failed" && after.dueAt >= since
      ? [{ due_at: after.dueAt, run_pk: pk, instance_id: instance, dag_id: dagId }]
      : [],
  );
  if (opened.length > 0) {
    await trx
      .insertInto("open_failures")
      .values(opened)
      .onConflict((conflict) => conflict.columns(["due_at", "run_pk"]).doNothing())
      .execute();
  }
  if (since > knownSince) {
    await trx
      .deleteFrom("open_failures")
      .where("instance_id", "=", instance)
      .where("dag_id", "=", dagId)
      .where("due_at", "<", since)
      .execute();
  }
};

/**
 * Keeps the last success of each DAG on each instance, and the failures since, so that "failed with no later success" is
 * a list that can be read. The rows of the runs are as after the change; those that are removed may still be there.
 */
export const applyOutcomes = async (
  trx: Transaction<Database>,
  context: Pick<StoreContext, "profile">,
  changes: readonly OutcomeChange[],
): Promise<void> => {
  const relevant = changes.filter((change) => isMoved(change) && (isOutcome(change.before) || isOutcome(change.after)));
  const byDag = [...Map.groupBy(relevant, placeOf)].toSorted(([left], [right]) => (left < right ? -1 : 1));
  for (const [, group] of byDag) {
    const [first] = group;
    if (first !== undefined) await applyToDag(trx, await lockOutcome(trx, context, first), group);
  }
};
