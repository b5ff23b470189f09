import { type ActionId, toActionId, type TriggerState } from "@airfleet/model";
import { sql, type Transaction } from "kysely";
import type { StoredAction } from "../actions/action.ts";
import type { StoreContext } from "../context.ts";
import type { EventNote } from "../events/events.ts";
import type { Database } from "../schema.ts";
import { closeTriggerSubjects } from "../subjects/trigger-subjects.ts";
import { toStorableOrNull } from "../text/storable-text.ts";
import { closeAttempts, type SentRequest } from "./close-attempts.ts";
import { toTriggerEvent } from "./trigger-event.ts";
import { type StoredTrigger, toTrigger, TRIGGER_COLUMNS } from "./trigger.ts";

/** How a trigger ends. */
export interface TriggerEnd {
  readonly state: Extract<TriggerState, "accepted" | "rejected" | "failed" | "expired">;
  /** What went out in the last attempt. */
  readonly sent?: readonly SentRequest[];
  /** When to look whether the run has started, epoch milliseconds. */
  readonly lookAt?: number | null;
}

type Trx = Transaction<Database>;

const NO_ANSWER = "no answer is known: the process that waited for it ended";

/** The actions are about to be sent: from here on their triggers may have reached the engine. */
export const sendTriggers = async (trx: Trx, context: StoreContext, actions: readonly ActionId[]): Promise<void> => {
  if (actions.length === 0) return;
  const rows = await trx
    .updateTable("triggers")
    .set({ state: "sending", changed_at: context.now() })
    .where("action_id", "in", actions)
    .returning("id")
    .execute();
  if (rows.length === 0) return;
  const ids = rows.map(({ id }) => id);
  const earlier = await trx
    .selectFrom("trigger_attempts")
    .select(["trigger_id", (eb) => eb.fn.max("number").as("last")])
    .where("trigger_id", "in", ids)
    .groupBy("trigger_id")
    .execute();
  if (earlier.length > 0) {
    await trx
      .updateTable("trigger_attempts")
      .set({ duration_ms: 0, error: NO_ANSWER })
      .where("trigger_id", "in", ids)
      .where("duration_ms", "is", null)
      .execute();
  }
  const last = new Map(earlier.map((row) => [row.trigger_id, row.last]));
  await trx
    .insertInto("trigger_attempts")
    .values(ids.map((id) => ({ trigger_id: id, number: (last.get(id) ?? 0) + 1, at: context.clock(), is_cut: 0 })))
    .execute();
};

/** The action is given back, to be tried again. It stays `sending` while it may have reached the engine. */
export const returnTrigger = async (
  trx: Trx,
  context: StoreContext,
  action: ActionId,
  { unsent, sent }: { readonly unsent: boolean; readonly sent: readonly SentRequest[] },
): Promise<void> => {
  const row = await trx.selectFrom("triggers").select("id").where("action_id", "=", action).executeTakeFirst();
  if (row === undefined) return;
  await closeAttempts(trx, [{ trigger: row.id, sent }]);
  if (!unsent) return;
  await trx
    .updateTable("triggers")
    .set({ state: "pending", changed_at: context.now() })
    .where("id", "=", row.id)
    .execute();
};

/** An action that is finished, and how its trigger ends. */
export interface EndedTrigger {
  readonly action: StoredAction;
  readonly end: TriggerEnd | undefined;
}

const endOf = ({ action, end }: EndedTrigger): TriggerEnd =>
  end ?? { state: action.state === "done" ? "accepted" : "failed" };

interface Settled {
  readonly settled_action: string;
  readonly new_state: string;
  readonly new_warnings: string;
  readonly new_code: string | null;
  readonly new_message: string | null;
  readonly new_look_at: number | null;
}

const toSettled = (ended: EndedTrigger) => {
  const { id, warnings, error } = ended.action;
  const { state, lookAt = null } = endOf(ended);
  return sql`(${id}, ${state}, ${JSON.stringify(warnings)}, ${error?.code ?? null}, ${toStorableOrNull(error?.message)},
    cast(${lookAt} as bigint))`;
};

const settleRows = async (
  trx: Trx,
  { now }: StoreContext,
  ended: readonly EndedTrigger[],
): Promise<readonly StoredTrigger[]> => {
  const rows = await trx
    .with(
      "settled(settled_action, new_state, new_warnings, new_code, new_message, new_look_at)",
      () => sql<Settled>`(values ${sql.join(ended.map(toSettled))})`,
    )
    .updateTable("triggers")
    .from("settled")
    .set((eb) => ({
      state: eb.ref("settled.new_state"),
      warnings: eb.ref("settled.new_warnings"),
      error_code: eb.ref("settled.new_code"),
      error_message: eb.ref("settled.new_message"),
      look_at: eb.ref("settled.new_look_at"),
      changed_at: now(),
      finished_at: now(),
    }))
    .whereRef("triggers.action_id", "=", "settled.settled_action")
    .returning(TRIGGER_COLUMNS)
    .execute();
  return rows.map(toTrigger);
};

/** The actions are finished: their triggers end as told. @returns What is to be told of them, by action */
export const settleTriggers = async (
  trx: Trx,
  context: StoreContext,
  ended: readonly EndedTrigger[],
): Promise<ReadonlyMap<ActionId, readonly EventNote[]>> => {
  if (ended.length === 0) return new Map();
  const ids = ended.map(({ action }) => action.id);
  const known = await trx
    .selectFrom("triggers")
    .select(["id", "state", "action_id"])
    .where("action_id", "in", ids)
    .execute();
  const before = new Map(known.map((row) => [toActionId(row.action_id), row]));
  await closeAttempts(
    trx,
    ended.flatMap((one) => {
      const row = before.get(one.action.id);
      return row === undefined ? [] : [{ trigger: row.id, sent: endOf(one).sent ?? [] }];
    }),
  );
  const triggers = await settleRows(trx, context, ended);
  // Subjects of an accepted trigger wait on, for its run to be observed.
  const over = triggers.filter(({ state, subjectsTotal }) => state !== "accepted" && subjectsTotal > 0);
  if (over.length > 0)
    await closeTriggerSubjects(
      trx,
      context,
      over.map(({ id }) => id),
    );
  return new Map(
    triggers.map((trigger) => [
      trigger.actionId,
      [toTriggerEvent(trigger, (before.get(trigger.actionId)?.state ?? null) as TriggerState | null)],
    ]),
  );
};
