import type { Transaction } from "kysely";
import type { StoredAction } from "../actions/action.ts";
import { toRecordedEvent } from "../actions/recorded-event.ts";
import type { StoreContext } from "../context.ts";
import { appendEvents } from "../events/events.ts";
import type { Database } from "../schema.ts";
import { linkTriggerSubjects } from "../subjects/trigger-subjects.ts";
import { toStorableText } from "../text/storable-text.ts";
import { toTriggerEvent } from "./trigger-event.ts";
import { type StoredTrigger, toTrigger } from "./trigger.ts";
import type { NewTriggerFacts } from "./trigger-repository.ts";

/** A recorded action that wants its trigger. */
export interface OpenedAction {
  readonly action: StoredAction;
  readonly position: number;
  readonly facts: NewTriggerFacts;
}

/** How many subjects a trigger shows by itself; the others are found through the links. */
export const SUBJECTS_SHOWN = 20;

/**
 * Writes the triggers of new actions with their subjects, and the events of both, within the transaction of the actions.
 */
export const openTriggers = async (
  trx: Transaction<Database>,
  context: StoreContext,
  request: { readonly id: string; readonly isKeyed: boolean },
  actions: readonly OpenedAction[],
): Promise<readonly StoredTrigger[]> => {
  const rows = await trx
    .insertInto("triggers")
    .values(
      actions.map(({ action, position, facts }) => ({
        id: context.newId("trg"),
        request_id: request.id,
        position,
        is_keyed: request.isKeyed ? 1 : 0,
        action_id: action.id,
        instance_id: action.instance,
        dag_id: toStorableText(action.dagId ?? ""),
        run_id: toStorableText(action.runId ?? ""),
        state: action.sentAt === null ? "pending" : "sending",
        actor: action.actor,
        request: JSON.stringify(action.request),
        conf_hash: facts.confHash,
        subjects: toStorableText(JSON.stringify(facts.subjects.slice(0, SUBJECTS_SHOWN))),
        subjects_total: facts.subjects.length,
        warnings: "[]",
        expires_at: action.deadlineAt,
        created_at: action.createdAt,
        changed_at: action.createdAt,
      })),
    )
    .returningAll()
    .execute();
  const sent = rows.filter(({ state }) => state === "sending");
  if (sent.length > 0) {
    const attempts = sent.map(({ id }) => ({ trigger_id: id, number: 1, at: context.clock(), is_cut: 0 }));
    await trx.insertInto("trigger_attempts").values(attempts).execute();
  }
  const triggers = rows.map(toTrigger).toSorted((left, right) => left.position - right.position);
  const subjectsOf = new Map(actions.map(({ position, facts }) => [position, facts.subjects]));
  for (const { id, position } of triggers) {
    const subjects = subjectsOf.get(position) ?? [];
    if (subjects.length > 0) await linkTriggerSubjects(trx, context, id, subjects);
  }
  await appendEvents(trx, context, [
    ...actions.map(({ action }) => toRecordedEvent(action)),
    ...triggers.map((trigger) => toTriggerEvent(trigger, null)),
  ]);
  return triggers;
};
