import type { RunState } from "@airfleet/model";
import { type RawBuilder, type Selectable, sql, type Transaction } from "kysely";
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

const NOTHING: Outcome = { last_success_run: null, last_success_due: null };

/** Before any run was due. */
const LONG_AGO = Number.MIN_SAFE_INTEGER;

const isOutcome = (side: OutcomeChange["before"]): boolean => side?.state === "success" || side?.state === "failed";

const isMoved = ({ before, after }: OutcomeChange): boolean =>
  before?.state !== after?.state || before?.dueAt !== after?.dueAt;

const placeOf = ({ instance, dagId }: DagPlace): string => JSON.stringify([instance, dagId]);

/** A DAG on an instance. */
interface DagPlace {
  readonly instance: string;
  readonly dagId: string;
}

/** With what happened to its runs. */
interface Group extends DagPlace {
  readonly changes: readonly OutcomeChange[];
}

const isAmong = (groups: readonly DagPlace[]): RawBuilder<boolean> =>
  sql<boolean>`(instance_id, dag_id) in (values ${sql.join(groups.map(({ instance, dagId }) => sql`(${instance}, ${dagId})`))})`;

/** Takes the rows of DAGs for this transaction, in one order for everybody. */
const lockOutcomes = async (
  trx: Transaction<Database>,
  { profile }: Pick<StoreContext, "profile">,
  groups: readonly DagPlace[],
): Promise<ReadonlyMap<string, Outcome>> => {
  const rows = await trx
    .selectFrom("run_dags")
    .select(["instance_id", "dag_id", "last_success_run", "last_success_due"])
    .where(isAmong(groups))
    .orderBy("instance_id")
    .orderBy("dag_id")
    .modifyEnd(profile.forUpdate)
    .execute();
  return new Map(rows.map((row) => [placeOf({ instance: row.instance_id, dagId: row.dag_id }), row]));
};

/** Whoever holds these is told of no success or failure of these DAGs until the end of the transaction. */
export const lockDags = async (
  trx: Transaction<Database>,
  context: Pick<StoreContext, "profile">,
  dags: readonly DagPlace[],
): Promise<void> => {
  await lockOutcomes(trx, context, [...new Map(dags.map((dag) => [placeOf(dag), dag])).values()]);
};

const isEntered = ({ changes }: Group): boolean => changes.some(({ after }) => isOutcome(after));

/** The same, with rows made for DAGs that are new. */
const takeOutcomes = async (
  trx: Transaction<Database>,
  context: Pick<StoreContext, "profile">,
  groups: readonly Group[],
): Promise<ReadonlyMap<string, Outcome>> => {
  const known = await lockOutcomes(trx, context, groups);
  const missing = groups.filter((group) => !known.has(placeOf(group)) && isEntered(group));
  if (missing.length === 0) return known;
  await trx
    .insertInto("run_dags")
    .values(missing.map(({ instance, dagId }) => ({ instance_id: instance, dag_id: dagId })))
    .onConflict((conflict) => conflict.columns(["instance_id", "dag_id"]).doNothing())
    .execute();
  return new Map([...known, ...(await lockOutcomes(trx, context, missing))]);
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

/** The newest success after the changes. */
const outcomeOf = async (
  trx: Transaction<Database>,
  known: Outcome,
  { instance, dagId, changes }: Group,
): Promise<Outcome> => {
  const gone = changes.flatMap(({ pk, after }) => (after === null ? [pk] : []));
  const isLost = changes.some(({ pk, before }) => pk === known.last_success_run && before?.state === "success");
  const start = isLost ? await newestSuccess(trx, instance, dagId, gone) : known;
  const successes = changes.flatMap(({ pk, after }) =>
    after?.state === "success" ? [{ last_success_run: pk, last_success_due: after.dueAt }] : [],
  );
  return [start, ...successes].reduce((left, right) =>
    (right.last_success_due ?? LONG_AGO) > (left.last_success_due ?? LONG_AGO) ? right : left,
  );
};

const writeOutcomes = async (
  trx: Transaction<Database>,
  moves: readonly { readonly group: Group; readonly to: Outcome }[],
): Promise<void> => {
  if (moves.length === 0) return;
  await trx
    .insertInto("run_dags")
    .values(
      moves.map(({ group, to }) => ({
        instance_id: group.instance,
        dag_id: group.dagId,
        last_success_run: to.last_success_run,
        last_success_due: to.last_success_due,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(["instance_id", "dag_id"]).doUpdateSet((eb) => ({
        last_success_run: eb.ref("excluded.last_success_run"),
        last_success_due: eb.ref("excluded.last_success_due"),
      })),
    )
    .execute();
};

/** Failures that were due before a success are made good by it. */
const closeFailures = async (
  trx: Transaction<Database>,
  advances: readonly { readonly group: Group; readonly since: number }[],
): Promise<void> => {
  if (advances.length === 0) return;
  const open = await trx
    .selectFrom("open_failures")
    .select(["instance_id", "dag_id"])
    .distinct()
    .where(isAmong(advances.map(({ group }) => group)))
    .execute();
  const places = new Set(open.map((row) => placeOf({ instance: row.instance_id, dagId: row.dag_id })));
  for (const { group, since } of advances) {
    if (!places.has(placeOf(group))) continue;
    await trx
      .deleteFrom("open_failures")
      .where("instance_id", "=", group.instance)
      .where("dag_id", "=", group.dagId)
      .where("due_at", "<", since)
      .execute();
  }
};

const openFailures = async (
  trx: Transaction<Database>,
  opened: readonly { readonly group: Group; readonly since: number }[],
): Promise<void> => {
  const rows = opened.flatMap(({ group, since }) =>
    group.changes.flatMap(({ pk, after }) =>
      after?.state === "failed" && after.dueAt >= since
        ? [{ due_at: after.dueAt, run_pk: pk, instance_id: group.instance, dag_id: group.dagId }]
        : [],
    ),
  );
  if (rows.length === 0) return;
  await trx
    .insertInto("open_failures")
    .values(rows)
    .onConflict((conflict) => conflict.columns(["due_at", "run_pk"]).doNothing())
    .execute();
};

const sinceOf = ({ last_success_due }: Outcome): number => last_success_due ?? LONG_AGO;

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
  if (relevant.length === 0) return;
  const groups = [...Map.groupBy(relevant, placeOf).values()].flatMap((group): Group[] =>
    group[0] === undefined ? [] : [{ instance: group[0].instance, dagId: group[0].dagId, changes: group }],
  );
  const known = await takeOutcomes(trx, context, groups);
  const moves: { readonly group: Group; readonly from: Outcome; readonly to: Outcome }[] = [];
  for (const group of groups) {
    const from = known.get(placeOf(group)) ?? NOTHING;
    moves.push({ group, from, to: await outcomeOf(trx, from, group) });
  }
  const isNews = ({ from, to }: (typeof moves)[number]): boolean =>
    from.last_success_run !== to.last_success_run || from.last_success_due !== to.last_success_due;
  await writeOutcomes(trx, moves.filter(isNews));
  const closed = relevant.flatMap(({ pk, before }) => (before?.state === "failed" ? [pk] : []));
  if (closed.length > 0) await trx.deleteFrom("open_failures").where("run_pk", "in", closed).execute();
  for (const { group, from, to } of moves) {
    const gone = group.changes.flatMap(({ pk, after }) => (after === null ? [pk] : []));
    if (sinceOf(to) < sinceOf(from)) await reopen(trx, group.instance, group.dagId, sinceOf(to), gone);
  }
  const standing = moves.map(({ group, to }) => ({ group, since: sinceOf(to) }));
  await openFailures(trx, standing);
  await closeFailures(
    trx,
    moves.flatMap(({ group, from, to }) => (sinceOf(to) > sinceOf(from) ? [{ group, since: sinceOf(to) }] : [])),
  );
};
