import type { ActionId, TriggerState } from "@airfleet/model";
import type { Transaction } from "kysely";
import type { StoredAction } from "../actions/action.ts";
import type { StoreContext } from "../context.ts";
import type { EventNote } from "../events/events.ts";
import type { Database } from "../schema.ts";
import { closeTriggerSubjects } from "../subjects/trigger-subjects.ts";
import { toJsonOrNull } from "../text/stored-json.ts";
import { toStorableOrNull } from "../text/storable-text.ts";
import { toTriggerEvent } from "./trigger-event.ts";
import { toTrigger } from "./trigger.ts";

/** One request that went to the engine and what came back. Nothing in it may be secret. */
export interface SentRequest {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly request: unknown;
  /** Null when no answer came. */
  readonly status: number | null;
  readonly answer: string | null;
  readonly isCut: boolean;
  readonly durationMs: number;
  readonly error: string | null;
}

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

const idOf = async (trx: Trx, action: ActionId): Promise<string | undefined> =>
  (await trx.selectFrom("triggers").select("id").where("action_id", "=", action).executeTakeFirst())?.id;

const lastNumber = async (trx: Trx, id: string): Promise<number> => {
  const row = await trx
    .selectFrom("trigger_attempts")
    .select((eb) => eb.fn.max("number").as("last"))
    .where("trigger_id", "=", id)
    .executeTakeFirst();
  return row?.last ?? 0;
};

const attemptColumns = (one: SentRequest) => ({
  at: one.at,
  method: one.method,
  path: toStorableOrNull(one.path),
  request: toJsonOrNull(one.request),
  status: one.status,
  answer: toStorableOrNull(one.answer),
  is_cut: one.isCut ? 1 : 0,
  duration_ms: Math.round(one.durationMs),
  error: toStorableOrNull(one.error),
});

/** Writes what went out over the attempt that was opened when it was about to. */
const closeAttempt = async (trx: Trx, id: string, sent: readonly SentRequest[]): Promise<void> => {
  const [first, ...others] = sent;
  if (first === undefined) {
    await trx.deleteFrom("trigger_attempts").where("trigger_id", "=", id).where("duration_ms", "is", null).execute();
    return;
  }
  const opened = await trx
    .updateTable("trigger_attempts")
    .set(attemptColumns(first))
    .where("trigger_id", "=", id)
    .where("duration_ms", "is", null)
    .returning("number")
    .executeTakeFirst();
  const more = opened === undefined ? sent : others;
  if (more.length === 0) return;
  const last = opened?.number ?? (await lastNumber(trx, id));
  await trx
    .insertInto("trigger_attempts")
    .values(more.map((one, index) => ({ trigger_id: id, number: last + index + 1, ...attemptColumns(one) })))
    .execute();
};

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
  const id = await idOf(trx, action);
  if (id === undefined) return;
  await closeAttempt(trx, id, sent);
  if (!unsent) return;
  await trx.updateTable("triggers").set({ state: "pending", changed_at: context.now() }).where("id", "=", id).execute();
};

const endOf = (action: StoredAction): TriggerEnd => ({ state: action.state === "done" ? "accepted" : "failed" });

/** The action is finished: its trigger ends as told. @returns What is to be told of it */
export const settleTrigger = async (
  trx: Trx,
  context: StoreContext,
  action: StoredAction,
  { state, sent = [], lookAt = null }: TriggerEnd = endOf(action),
): Promise<readonly EventNote[]> => {
  const before = await trx
    .selectFrom("triggers")
    .select(["id", "state"])
    .where("action_id", "=", action.id)
    .executeTakeFirst();
  if (before === undefined) return [];
  await closeAttempt(trx, before.id, sent);
  const row = await trx
    .updateTable("triggers")
    .set({
      state,
      warnings: JSON.stringify(action.warnings),
      error_code: action.error?.code ?? null,
      error_message: toStorableOrNull(action.error?.message),
      look_at: lookAt,
      changed_at: context.now(),
      finished_at: context.now(),
    })
    .where("id", "=", before.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  const trigger = toTrigger(row);
  // Subjects of an accepted trigger wait on, for its run to be observed.
  if (state !== "accepted" && trigger.subjectsTotal > 0) await closeTriggerSubjects(trx, context, [trigger.id]);
  return [toTriggerEvent(trigger, before.state as TriggerState)];
};
