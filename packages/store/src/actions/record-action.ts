import type { DagId, InstanceId, RunId, TaskId } from "@airfleet/model";
import { type Insertable, sql, type Transaction } from "kysely";
import { appendAudit } from "../audit/audit.ts";
import type { StoreContext } from "../context.ts";
import { appendEvents } from "../events/events.ts";
import type { ActionTable, Database } from "../schema.ts";
import type { JsonObject } from "../text/stored-json.ts";
import { toStorableOrNull, toStorableText } from "../text/storable-text.ts";
import { openTriggers } from "../triggers/open-triggers.ts";
import type { NewTriggerFacts } from "../triggers/trigger-repository.ts";
import { toRecordedEvent } from "./recorded-event.ts";
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
  /** For the verb `run:trigger`: what its trigger says beside. */
  readonly trigger?: NewTriggerFacts;
}

export interface RecordOptions {
  /** Leases it to the caller at once, who carries it out itself. */
  readonly leaseTo?: {
    readonly owner: string;
    readonly leaseMs: number;
    /** It is sent right away: noted as `markSent` would, in the same write. */
    readonly isSent?: boolean;
  };
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
        ...(leaseTo.isSent === true ? { sent_at: now(), before: "{}" } : {}),
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

/** Notes in the audit trail what is asked for, within the transaction that writes it. */
export const auditRecorded = (
  trx: Transaction<Database>,
  context: StoreContext,
  actions: readonly StoredAction[],
): Promise<void> =>
  appendAudit(
    trx,
    context,
    actions.map(({ id, verb, actor, instance, dagId, runId, taskId, request, sourceIp, requestId }) => ({
      actor,
      verb,
      outcome: "requested",
      instance,
      dagId,
      runId,
      taskId,
      actionId: id,
      details: { request },
      sourceIp,
      requestId,
    })),
  );

/** The columns of an action that is to be written. */
export const toActionRow = (
  context: StoreContext,
  action: NewAction,
  options: RecordOptions,
): Insertable<ActionTable> =>
  toRow(context, context.newId("act"), action, options) as unknown as Insertable<ActionTable>;

/** Writes the action, its audit row and its event in one transaction: all of them are there afterwards, or none. */
export const recordAction = (
  context: StoreContext,
  action: NewAction,
  options: RecordOptions = {},
): Promise<RecordedAction> =>
  context.db.transaction().execute(async (trx) => {
    const row = await trx
      .insertInto("actions")
      .values(toActionRow(context, action, options))
      .onConflict((conflict) => conflict.column("dedupe_key").doNothing())
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) return { action: await findSame(trx, action.dedupeKey), created: false, lease: null };
    const recorded = toAction(row);
    await auditRecorded(trx, context, [recorded]);
    if (action.trigger === undefined) {
      await appendEvents(trx, context, [toRecordedEvent(recorded)]);
    } else {
      const request = { id: context.newId("trq"), isKeyed: false };
      await openTriggers(trx, context, request, [{ action: recorded, position: 0, facts: action.trigger }]);
    }
    return { action: recorded, created: true, lease: options.leaseTo === undefined ? null : toLease(row) };
  });
