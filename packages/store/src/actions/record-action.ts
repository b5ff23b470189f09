import type { DagId, InstanceId, RunId, TaskId } from "@airfleet/model";
import { type Insertable, sql, type Transaction } from "kysely";
import { appendAudit } from "../audit/audit.ts";
import type { StoreContext } from "../context.ts";
import { appendEvents } from "../events/events.ts";
import type { ActionTable, Database } from "../schema.ts";
import type { JsonObject } from "../text/stored-json.ts";
import { toStorableOrNull, toStorableText } from "../text/storable-text.ts";
import { type ActionLease, actionSecretPlace, type StoredAction, toAction, toLease } from "./action.ts";

/** A write to be recorded before it is carried out. */
export interface NewAction {
  readonly verb: string;
  readonly actor: string;
  readonly instance: InstanceId;
  readonly dagId?: DagId | null;
  readonly runId?: RunId | null;
  readonly taskId?: TaskId | null;
  readonly mapIndex?: number | null;
  /** What is asked, shown to whoever may see the action and in the audit trail. */
  readonly request: JsonObject;
  /** What of it must not be shown: kept encrypted until the action is finished. */
  readonly secret?: JsonObject;
  /** The same key records one action only. */
  readonly dedupeKey?: string;
  /** Epoch milliseconds. */
  readonly deadlineAt?: number | null;
  readonly sourceIp?: string | null;
  readonly requestId?: string | null;
}

export interface RecordOptions {
  /** Leases it to the caller at once, who carries it out itself. */
  readonly leaseTo?: { readonly owner: string; readonly leaseMs: number };
}

export interface RecordedAction {
  readonly action: StoredAction;
  /** False: an action of the same `dedupeKey` was there already, and nothing was written. */
  readonly created: boolean;
  /** The lease that was asked for; null when none was, or when the action is not new. */
  readonly lease: ActionLease | null;
}

const leaseColumns = ({ now }: StoreContext, leaseTo: RecordOptions["leaseTo"]) =>
  leaseTo === undefined
    ? { attempts: 0, fencing_token: 0 }
    : {
        attempts: 1,
        fencing_token: 1,
        lease_owner: leaseTo.owner,
        lease_until: sql<number>`${now()} + ${leaseTo.leaseMs}`,
      };

const toRow = (context: StoreContext, id: string, action: NewAction, options: RecordOptions) => {
  const now = context.now();
  const { secret } = action;
  return {
    id,
    verb: action.verb,
    state: "pending",
    actor: toStorableText(action.actor),
    source_ip: action.sourceIp ?? null,
    request_id: toStorableOrNull(action.requestId),
    instance_id: action.instance,
    dag_id: toStorableOrNull(action.dagId),
    run_id: toStorableOrNull(action.runId),
    task_id: toStorableOrNull(action.taskId),
    map_index: action.mapIndex ?? null,
    request: JSON.stringify(action.request),
    sealed: secret === undefined ? null : context.box.seal(actionSecretPlace(id), secret),
    dedupe_key: action.dedupeKey ?? null,
    warnings: "[]",
    deadline_at: action.deadlineAt ?? null,
    not_before: now,
    created_at: now,
    updated_at: now,
    ...leaseColumns(context, options.leaseTo),
  };
};

const findSame = async (trx: Transaction<Database>, dedupeKey: string | undefined): Promise<StoredAction> => {
  const row = await trx
    .selectFrom("actions")
    .selectAll()
    .where("dedupe_key", "=", dedupeKey ?? null)
    .executeTakeFirstOrThrow();
  return toAction(row);
};

/** Writes the action, its audit row and its event in one transaction: all of them are there afterwards, or none. */
export const recordAction = (
  context: StoreContext,
  action: NewAction,
  options: RecordOptions = {},
): Promise<RecordedAction> =>
  context.db.transaction().execute(async (trx) => {
    const values = toRow(context, context.newId("act"), action, options) as unknown as Insertable<ActionTable>;
    const row = await trx
      .insertInto("actions")
      .values(values)
      .onConflict((conflict) => conflict.column("dedupe_key").doNothing())
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) return { action: await findSame(trx, action.dedupeKey), created: false, lease: null };
    const { verb, actor, instance, dagId, runId, taskId, request, sourceIp, requestId } = toAction(row);
    const place = { instance, dagId, runId, taskId };
    const note = { actor, verb, outcome: "requested", ...place, actionId: row.id, sourceIp, requestId } as const;
    await appendAudit(trx, context, [{ ...note, details: { request } }]);
    await appendEvents(trx, context, [
      { kind: "action.recorded", instance, dagId, runId, payload: { id: row.id, verb, state: "pending", actor } },
    ]);
    return { action: toAction(row), created: true, lease: options.leaseTo === undefined ? null : toLease(row) };
  });
