import type { Transaction } from "kysely";
import { actionSecretPlace, type LeasedAction, toAction, toLease } from "../actions/action.ts";
import { auditRecorded, type RecordOptions, toActionRow } from "../actions/record-action.ts";
import type { StoreContext } from "../context.ts";
import type { Database } from "../schema.ts";
import { objectFromJson } from "../text/stored-json.ts";
import { toStorableText } from "../text/storable-text.ts";
import { openTriggers } from "./open-triggers.ts";
import { type StoredTrigger, toTrigger } from "./trigger.ts";
import type {
  NewTriggerRequest,
  RecordedTriggerRequest,
  RefusedItem,
  StoredTriggerRequest,
} from "./trigger-repository.ts";
import type { TriggerRequestTable } from "./trigger-tables.ts";

/** Rows per statement: SQLite takes 32,766 values in one. */
const CHUNK = 200;

type Items = NewTriggerRequest["triggers"];

export const toTriggerRequest = (row: TriggerRequestTable): StoredTriggerRequest => {
  const { refused, ...facts } = objectFromJson(row.facts);
  return {
    id: row.id,
    requestHash: row.request_hash,
    facts,
    refused: refused as readonly RefusedItem[],
    createdAt: row.created_at,
  };
};

/** Of a request, in the order of their places. */
export const triggersOf = async (
  db: StoreContext["db"] | Transaction<Database>,
  requestId: string,
): Promise<readonly StoredTrigger[]> => {
  const rows = await db
    .selectFrom("triggers")
    .selectAll()
    .where("request_id", "=", requestId)
    .orderBy("position")
    .execute();
  return rows.map(toTrigger);
};

/** Whether a trigger would overtake one of the same DAG that waits to be tried again. */
const mustWait = async (trx: Transaction<Database>, { now }: StoreContext, items: Items): Promise<boolean> => {
  const row = await trx
    .selectFrom("actions")
    .select("id")
    .where("state", "=", "pending")
    .where("verb", "=", "run:trigger")
    .where("not_before", ">", now())
    .where((eb) =>
      eb.or(
        items.map(({ trigger }) =>
          eb.and([eb("instance_id", "=", trigger.instance), eb("dag_id", "=", trigger.dagId ?? "")]),
        ),
      ),
    )
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
};

const insertChunk = async (
  trx: Transaction<Database>,
  context: StoreContext,
  request: { readonly id: string; readonly isKeyed: boolean },
  items: Items,
  options: RecordOptions,
) => {
  const rows = await trx
    .insertInto("actions")
    .values(items.map(({ trigger }) => toActionRow(context, trigger, options)))
    .returningAll()
    .execute();
  // Ids rise in the order they were made in, which databases need not answer in.
  rows.sort((left, right) => (left.id < right.id ? -1 : 1));
  const actions = rows.map(toAction);
  await auditRecorded(trx, context, actions);
  const opened = items.flatMap(({ position, trigger }, index) => {
    const action = actions[index];
    return action === undefined ? [] : [{ action, position, facts: trigger.trigger }];
  });
  const triggers = await openTriggers(trx, context, request, opened);
  const leased = rows
    .filter(({ lease_owner }) => lease_owner !== null)
    .map(
      (row): LeasedAction => ({
        action: toAction(row),
        lease: toLease(row),
        secret:
          row.sealed === null
            ? null
            : (context.box.open(actionSecretPlace(row.id), row.sealed) as LeasedAction["secret"]),
      }),
    );
  return { triggers, leased };
};

/** Writes a request for runs whole, or finds what its scope stands for already. */
export const recordTriggers = (
  context: StoreContext,
  request: NewTriggerRequest,
  options: RecordOptions,
): Promise<RecordedTriggerRequest> =>
  context.db.transaction().execute(async (trx) => {
    const { scope, requestHash, actor, facts, refused, triggers: items } = request;
    const row = await trx
      .insertInto("trigger_requests")
      .values({
        id: context.newId("trq"),
        scope,
        request_hash: requestHash,
        actor: toStorableText(actor),
        facts: JSON.stringify({ ...facts, refused }),
        created_at: context.clock(),
      })
      .onConflict((conflict) => conflict.column("scope").doNothing())
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) {
      const first = await trx
        .selectFrom("trigger_requests")
        .selectAll()
        .where("scope", "=", scope)
        .executeTakeFirstOrThrow();
      return {
        request: toTriggerRequest(first),
        created: false,
        triggers: await triggersOf(trx, first.id),
        leased: [],
      };
    }
    const isLeased = options.leaseTo !== undefined && items.length > 0 && !(await mustWait(trx, context, items));
    const triggers: StoredTrigger[] = [];
    const leased: LeasedAction[] = [];
    for (let start = 0; start < items.length; start += CHUNK) {
      const chunk = items.slice(start, start + CHUNK);
      const name = { id: row.id, isKeyed: scope !== null };
      const written = await insertChunk(trx, context, name, chunk, isLeased ? options : {});
      triggers.push(...written.triggers);
      leased.push(...written.leased);
    }
    return { request: toTriggerRequest(row), created: true, triggers, leased };
  });
