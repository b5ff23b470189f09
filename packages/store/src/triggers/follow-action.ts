import type { ActionId, TriggerState } from "@airfleet/model";
import type { Transaction } from "kysely";
import type { StoredAction } from "../actions/action.ts";
import type { StoreContext } from "../context.ts";
import { appendEvents } from "../events/events.ts";
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

/** Writes what went out over the attempt that was opened when it was about to. */
const closeAttempt = async (trx: Trx, id: string, sent: readonly SentRequest[]): Promise<void> => {
  await trx.deleteFrom("trigger_attempts").where("trigger_id", "=", id).where("duration_ms", "is", null).execute();
  if (sent.length === 0) return;
  const last = await lastNumber(trx, id);
  await trx
    .insertInto("trigger_attempts")
    .values(
      sent.map((one, index) => ({
        trigger_id: id,
        number: last + index + 1,
        at: one.at,
        method: one.method,
        path: toStorableOrNull(one.path),
        request: toJsonOrNull(one.request),
        status: one.status,
        answer: toStorableOrNull(one.answer),
        is_cut: one.isCut ? 1 : 0,
        duration_ms: Math.round(one.durationMs),
        error: toStorableOrNull(one.error),
      })),
    )
    .execute();
};

/** The action is about to be sent: from here on its trigger may have reached the engine. */
export const sendTrigger = async (trx: Trx, context: StoreContext, action: ActionId): Promise<void> => {
  const row = await trx
    .updateTable("triggers")
    .set({ state: "sending", changed_at: context.now() })
    .where("action_id", "=", action)
    .returning("id")
    .executeTakeFirst();
  if (row === undefined) return;
  await trx
    .updateTable("trigger_attempts")
    .set({ duration_ms: 0, error: NO_ANSWER })
    .where("trigger_id", "=", row.id)
    .where("duration_ms", "is", null)
    .execute();
  const number = (await lastNumber(trx, row.id)) + 1;
  await trx
    .insertInto("trigger_attempts")
    .values({ trigger_id: row.id, number, at: context.clock(), is_cut: 0 })
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

/** The action is finished: its trigger ends as told, with an event. */
export const settleTrigger = async (
  trx: Trx,
  context: StoreContext,
  action: StoredAction,
  { state, sent = [], lookAt = null }: TriggerEnd = endOf(action),
): Promise<void> => {
  const before = await trx
    .selectFrom("triggers")
    .select(["id", "state"])
    .where("action_id", "=", action.id)
    .executeTakeFirst();
  if (before === undefined) return;
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
  await appendEvents(trx, context, [toTriggerEvent(trigger, before.state as TriggerState)]);
};
