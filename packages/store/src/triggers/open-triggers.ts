import type { Selectable, Transaction } from "kysely";
import type { StoreContext } from "../context.ts";
import { appendEvents } from "../events/events.ts";
import type { ActionTable, Database } from "../schema.ts";
import { linkTriggerSubjects } from "../subjects/trigger-subjects.ts";
import { toStorableText } from "../text/storable-text.ts";
import { toTriggerEvent } from "./trigger-event.ts";
import { type StoredTrigger, toTrigger } from "./trigger.ts";
import type { NewTriggerFacts } from "./trigger-repository.ts";

/** A recorded action that wants its trigger. */
export interface OpenedAction {
  readonly row: Selectable<ActionTable>;
  readonly position: number;
  readonly facts: NewTriggerFacts;
}

/** How many subjects a trigger shows by itself; the others are found through the links. */
export const SUBJECTS_SHOWN = 20;

/** Writes the triggers of new actions with their events and subjects, within the transaction of the actions. */
export const openTriggers = async (
  trx: Transaction<Database>,
  context: StoreContext,
  request: { readonly id: string; readonly isKeyed: boolean },
  actions: readonly OpenedAction[],
): Promise<readonly StoredTrigger[]> => {
  const rows = await trx
    .insertInto("triggers")
    .values(
      actions.map(({ row, position, facts }) => ({
        id: context.newId("trg"),
        request_id: request.id,
        position,
        is_keyed: request.isKeyed ? 1 : 0,
        action_id: row.id,
        instance_id: row.instance_id,
        dag_id: row.dag_id ?? "",
        run_id: row.run_id ?? "",
        state: row.sent_at === null ? "pending" : "sending",
        actor: row.actor,
        request: row.request,
        conf_hash: facts.confHash,
        subjects: toStorableText(JSON.stringify(facts.subjects.slice(0, SUBJECTS_SHOWN))),
        subjects_total: facts.subjects.length,
        warnings: "[]",
        expires_at: row.deadline_at,
        created_at: row.created_at,
        changed_at: row.created_at,
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
  await appendEvents(
    trx,
    context,
    triggers.map((trigger) => toTriggerEvent(trigger, null)),
  );
  return triggers;
};
