import { type ActionId, toActionId } from "@airfleet/model";
import { type ExpressionBuilder, type Kysely, sql } from "kysely";
import type { StoreContext } from "../context.ts";
import type { Database } from "../schema.ts";
import type { JsonObject } from "../text/stored-json.ts";
import type { SentRequest } from "../triggers/close-attempts.ts";
import { returnTrigger, sendTriggers } from "../triggers/follow-action.ts";
import { actionSecretPlace, type LeasedAction, toAction, toLease } from "./action.ts";

/** Who leases actions, how many at most and for how long. */
export interface ClaimRequest {
  readonly owner: string;
  readonly limit: number;
  readonly leaseMs: number;
  /** Only actions on this instance. */
  readonly instance?: string;
}

const TRIGGER = sql.lit("run:trigger");
const PENDING = sql.lit("pending");

/**
 * Whether a trigger's turn has come: not while an earlier one of the same DAG waits to be tried again, so that runs
 * start in the order they were asked for. One that is being sent holds nobody up.
 */
const isInTurn =
  ({ now }: StoreContext) =>
  (eb: ExpressionBuilder<Database, "actions">) =>
    eb.or([
      eb("actions.verb", "!=", TRIGGER),
      eb.not(
        eb.exists(
          eb
            .selectFrom("actions as earlier")
            .select("earlier.id")
            .where("earlier.state", "=", PENDING)
            .where("earlier.verb", "=", TRIGGER)
            .whereRef("earlier.instance_id", "=", "actions.instance_id")
            .whereRef("earlier.dag_id", "=", "actions.dag_id")
            .where("earlier.not_before", ">", now())
            .whereRef("earlier.id", "<", "actions.id"),
        ),
      ),
    ]);

/** Instances with actions that are due and that nobody holds. */
export const findDueInstances = async ({ db, now }: StoreContext): Promise<readonly string[]> => {
  const rows = await db
    .selectFrom("actions")
    .select("instance_id")
    .distinct()
    .where("state", "=", PENDING)
    .where("not_before", "<=", now())
    .where((due) => due.or([due("lease_until", "is", null), due("lease_until", "<=", now())]))
    .execute();
  return rows.map(({ instance_id }) => instance_id);
};

/** Names one lease of one action. */
export interface LeaseReference {
  readonly id: ActionId;
  readonly fencingToken: number;
}

/**
 * Leases pending actions that are due and that nobody holds, oldest first. An action whose holder died is due again as
 * soon as its lease has run out by the store's clock.
 */
export const claimActions = async (context: StoreContext, request: ClaimRequest): Promise<readonly LeasedAction[]> => {
  const { db, now, profile, box } = context;
  const rows = await db
    .updateTable("actions")
    .set((eb) => ({
      lease_owner: request.owner,
      lease_until: sql<number>`${now()} + ${request.leaseMs}`,
      fencing_token: eb("fencing_token", "+", 1),
      attempts: eb("attempts", "+", 1),
      updated_at: now(),
    }))
    .where("id", "in", (eb) =>
      eb
        .selectFrom("actions")
        .select("id")
        .where("state", "=", PENDING)
        .where("not_before", "<=", now())
        .where((due) => due.or([due("lease_until", "is", null), due("lease_until", "<=", now())]))
        .where(isInTurn(context))
        .$if(request.instance !== undefined, (due) => due.where("instance_id", "=", request.instance ?? ""))
        .orderBy("not_before")
        .orderBy("id")
        .limit(request.limit)
        .modifyEnd(profile.forUpdateSkipLocked),
    )
    .returningAll()
    .execute();
  rows.sort((left, right) => (left.id < right.id ? -1 : 1));
  return rows.map((row) => ({
    action: toAction(row),
    lease: toLease(row),
    secret: row.sealed === null ? null : (box.open(actionSecretPlace(row.id), row.sealed) as JsonObject),
  }));
};

/** How an action is given back. */
export interface ReleaseOptions {
  readonly retryAfterMs: number;
  /** It is certain now that what `markSent` announced was not carried out: the note is taken back. */
  readonly unsent?: boolean;
  /** What went out for a trigger, and came back. */
  readonly sent?: readonly SentRequest[];
}

const touch = (
  db: Kysely<Database>,
  { id, fencingToken }: LeaseReference,
  values: Readonly<Record<string, unknown>>,
): Promise<{ readonly verb: string } | undefined> =>
  db
    .updateTable("actions")
    .set(values)
    .where("id", "=", id)
    .where("state", "=", "pending")
    .where("fencing_token", "=", fencingToken)
    .returning("verb")
    .executeTakeFirst();

const isTrigger = ({ verb }: { readonly verb: string }): boolean => verb === "run:trigger";

/** Prolongs a lease from now on; false when it was lost. */
export const renewAction = async (
  { db, now }: StoreContext,
  reference: LeaseReference,
  leaseMs: number,
): Promise<boolean> => (await touch(db, reference, { lease_until: sql<number>`${now()} + ${leaseMs}` })) !== undefined;

/** Notes, before the engine is called, that it is about to be, and what was so before; false when the lease was lost. */
export const markActionSent = (
  context: StoreContext,
  reference: LeaseReference,
  before: JsonObject | undefined,
): Promise<boolean> =>
  context.db.transaction().execute(async (trx) => {
    const row = await touch(trx, reference, {
      sent_at: context.now(),
      updated_at: context.now(),
      ...(before === undefined ? {} : { before: JSON.stringify(before) }),
    });
    if (row !== undefined && isTrigger(row)) await sendTriggers(trx, context, [reference.id]);
    return row !== undefined;
  });

/** Notes for many triggers at once that they are about to be sent. @returns Those whose lease still holds */
export const markTriggersSent = (
  context: StoreContext,
  references: readonly LeaseReference[],
): Promise<ReadonlySet<ActionId>> =>
  context.db.transaction().execute(async (trx) => {
    if (references.length === 0) return new Set<ActionId>();
    const rows = await trx
      .updateTable("actions")
      .set({ sent_at: context.now(), updated_at: context.now(), before: "{}" })
      .where("state", "=", "pending")
      .where("verb", "=", "run:trigger")
      .where((eb) => eb.or(references.map(({ id, fencingToken }) => eb.and({ id, fencing_token: fencingToken }))))
      .returning("id")
      .execute();
    const ids = rows.map(({ id }) => toActionId(id));
    await sendTriggers(trx, context, ids);
    return new Set(ids);
  });

/** Gives an action back to be taken up again after a while; false when the lease was lost. */
export const releaseAction = (
  context: StoreContext,
  reference: LeaseReference,
  { retryAfterMs, unsent = false, sent = [] }: ReleaseOptions,
): Promise<boolean> =>
  context.db.transaction().execute(async (trx) => {
    const row = await touch(trx, reference, {
      ...(unsent ? { sent_at: null, before: null } : {}),
      lease_owner: null,
      lease_until: null,
      not_before: sql<number>`${context.now()} + ${retryAfterMs}`,
      updated_at: context.now(),
    });
    if (row !== undefined && isTrigger(row)) await returnTrigger(trx, context, reference.id, { unsent, sent });
    return row !== undefined;
  });

/** Frees what a former process of a store with a single process had leased; nobody else can be at work on it. */
export const reclaimAllActions = async ({ db }: Pick<StoreContext, "db">): Promise<void> => {
  await db
    .updateTable("actions")
    .set({ lease_owner: null, lease_until: null })
    .where("state", "=", "pending")
    .where("lease_until", "is not", null)
    .execute();
};
