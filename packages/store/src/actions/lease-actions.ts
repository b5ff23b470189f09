import type { ActionId } from "@airfleet/model";
import { sql } from "kysely";
import type { StoreContext } from "../context.ts";
import type { JsonObject } from "../text/stored-json.ts";
import { actionSecretPlace, type LeasedAction, toAction, toLease } from "./action.ts";

/** Who leases actions, how many at most and for how long. */
export interface ClaimRequest {
  readonly owner: string;
  readonly limit: number;
  readonly leaseMs: number;
}

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
        .where("state", "=", sql.lit("pending"))
        .where("not_before", "<=", now())
        .where((due) => due.or([due("lease_until", "is", null), due("lease_until", "<=", now())]))
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
}

const touch = async (
  { db }: StoreContext,
  { id, fencingToken }: LeaseReference,
  values: Readonly<Record<string, unknown>>,
): Promise<boolean> => {
  const row = await db
    .updateTable("actions")
    .set(values)
    .where("id", "=", id)
    .where("state", "=", "pending")
    .where("fencing_token", "=", fencingToken)
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
};

/** Prolongs a lease from now on; false when it was lost. */
export const renewAction = (context: StoreContext, reference: LeaseReference, leaseMs: number): Promise<boolean> =>
  touch(context, reference, { lease_until: sql<number>`${context.now()} + ${leaseMs}` });

/** Notes, before the engine is called, that it is about to be, and what was so before; false when the lease was lost. */
export const markActionSent = (
  context: StoreContext,
  reference: LeaseReference,
  before: JsonObject | undefined,
): Promise<boolean> =>
  touch(context, reference, {
    sent_at: context.now(),
    updated_at: context.now(),
    ...(before === undefined ? {} : { before: JSON.stringify(before) }),
  });

/** Gives an action back to be taken up again after a while; false when the lease was lost. */
export const releaseAction = (
  context: StoreContext,
  reference: LeaseReference,
  { retryAfterMs, unsent = false }: ReleaseOptions,
): Promise<boolean> =>
  touch(context, reference, {
    ...(unsent ? { sent_at: null, before: null } : {}),
    lease_owner: null,
    lease_until: null,
    not_before: sql<number>`${context.now()} + ${retryAfterMs}`,
    updated_at: context.now(),
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
