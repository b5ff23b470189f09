import { appendAudit } from "../audit/audit.ts";
import type { StoreContext } from "../context.ts";
import { appendEvents } from "../events/events.ts";
import { closeTriggerSubjects } from "../subjects/trigger-subjects.ts";
import { toTriggerEvent } from "./trigger-event.ts";
import { type StoredTrigger, toTrigger } from "./trigger.ts";
import type { CancelRequest } from "./trigger-repository.ts";

/**
 * Ends a trigger that was not sent. A worker may hold it at this very moment: its lease is fenced off by the next token,
 * and it marks the action as sent before it sends, so one of the two comes first and the other does nothing.
 */
export const cancelTrigger = (
  context: StoreContext,
  { id, actor, reason, sourceIp, requestId }: CancelRequest,
): Promise<{ readonly trigger: StoredTrigger; readonly cancelled: boolean } | undefined> =>
  context.db.transaction().execute(async (trx) => {
    const found = await trx
      .selectFrom("triggers")
      .selectAll()
      .where("id", "=", id)
      .where("dropped_at", "is", null)
      .executeTakeFirst();
    if (found === undefined) return undefined;
    const action = await trx
      .updateTable("actions")
      .set((eb) => ({
        state: "failed",
        error_code: reason.code,
        error_message: reason.message,
        fencing_token: eb("fencing_token", "+", 1),
        sealed: null,
        lease_owner: null,
        lease_until: null,
        updated_at: context.now(),
        finished_at: context.now(),
      }))
      .where("id", "=", found.action_id)
      .where("state", "=", "pending")
      .where("sent_at", "is", null)
      .returning("id")
      .executeTakeFirst();
    if (action === undefined) return { trigger: toTrigger(found), cancelled: false };
    const row = await trx
      .updateTable("triggers")
      .set({ state: "cancelled", changed_at: context.now(), finished_at: context.now() })
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirstOrThrow();
    const trigger = toTrigger(row);
    const { instance, dagId, runId, actionId } = trigger;
    if (trigger.subjectsTotal > 0) await closeTriggerSubjects(trx, context, [id]);
    await appendAudit(trx, context, [
      {
        actor,
        verb: "trigger:cancel",
        outcome: "done",
        instance,
        dagId,
        runId,
        actionId,
        details: { trigger: id },
        sourceIp: sourceIp ?? null,
        requestId: requestId ?? null,
      },
    ]);
    await appendEvents(trx, context, [
      {
        kind: "action.finished",
        instance,
        dagId,
        runId,
        payload: { id: actionId, verb: "run:trigger", state: "failed", actor, error: reason.code },
      },
      toTriggerEvent(trigger, "pending"),
    ]);
    return { trigger, cancelled: true };
  });
