import type { ActionId, ErrorCode } from "@airfleet/model";
import { appendAudit } from "../audit/audit.ts";
import type { StoreContext } from "../context.ts";
import { appendEvents } from "../events/events.ts";
import { type JsonObject, toJsonOrNull } from "../text/stored-json.ts";
import { toStorableText } from "../text/storable-text.ts";
import { settleTrigger, type TriggerEnd } from "../triggers/follow-action.ts";
import { type ActionWarning, type FinishedActionState, type StoredAction, toAction } from "./action.ts";

/** What came of an action. Nothing in it may be secret. */
export interface ActionOutcome {
  readonly id: ActionId;
  /** Of the lease under which it was carried out. */
  readonly fencingToken: number;
  readonly state: FinishedActionState;
  /** What was so before; what was noted earlier stays when absent. */
  readonly before?: JsonObject | null;
  readonly after?: JsonObject | null;
  readonly warnings?: readonly ActionWarning[];
  readonly error?: { readonly code: ErrorCode; readonly message: string } | null;
  /** The run it turned out to be about, where that was not known before. */
  readonly runId?: string;
  /** For the verb `run:trigger`: how its trigger ends. */
  readonly trigger?: TriggerEnd;
}

const details = ({ before, after, error, warnings }: StoredAction): JsonObject => ({
  ...(before === null ? {} : { before }),
  ...(after === null ? {} : { after }),
  ...(error === null ? {} : { error }),
  ...(warnings.length === 0 ? {} : { warnings }),
});

/**
 * Ends an action, with its audit row and event, in one transaction.
 *
 * @returns The action as it is now, or undefined when the lease is no longer the newest one or the action was ended
 * already: then nothing is written.
 */
export const finishAction = (context: StoreContext, outcome: ActionOutcome): Promise<StoredAction | undefined> =>
  context.db.transaction().execute(async (trx) => {
    const error = outcome.error ?? null;
    const row = await trx
      .updateTable("actions")
      .set({
        state: outcome.state,
        after: toJsonOrNull(outcome.after),
        warnings: JSON.stringify(outcome.warnings ?? []),
        error_code: error?.code ?? null,
        error_message: error === null ? null : toStorableText(error.message),
        ...(outcome.before === undefined ? {} : { before: toJsonOrNull(outcome.before) }),
        ...(outcome.runId === undefined ? {} : { run_id: toStorableText(outcome.runId) }),
        sealed: null,
        lease_owner: null,
        lease_until: null,
        updated_at: context.now(),
        finished_at: context.now(),
      })
      .where("id", "=", outcome.id)
      .where("state", "=", "pending")
      .where("fencing_token", "=", outcome.fencingToken)
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const action = toAction(row);
    const { id, verb, actor, state, instance, dagId, runId, taskId, sourceIp, requestId } = action;
    const place = { instance, dagId, runId, taskId };
    await appendAudit(trx, context, [
      { actor, verb, outcome: outcome.state, ...place, actionId: id, details: details(action), sourceIp, requestId },
    ]);
    const ended = verb === "run:trigger" ? await settleTrigger(trx, context, action, outcome.trigger) : [];
    await appendEvents(trx, context, [
      {
        kind: "action.finished",
        instance,
        dagId,
        runId,
        payload: { id, verb, state, actor, error: error?.code ?? null },
      },
      ...ended,
    ]);
    return action;
  });
