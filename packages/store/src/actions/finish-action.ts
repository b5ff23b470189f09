import { type ActionId, type ErrorCode, toActionId } from "@airfleet/model";
import { sql, type Transaction } from "kysely";
import { appendAudit } from "../audit/audit.ts";
import type { AuditNote } from "../audit/audit-entry.ts";
import { retryConflict } from "../backend/retry-conflict.ts";
import type { StoreContext } from "../context.ts";
import { appendEvents, type EventNote } from "../events/events.ts";
import type { Database } from "../schema.ts";
import { type JsonObject, toJsonOrNull } from "../text/stored-json.ts";
import { toStorableText } from "../text/storable-text.ts";
import { settleTriggers, type TriggerEnd } from "../triggers/follow-action.ts";
import { ACTION_COLUMNS, type ActionWarning, type FinishedActionState, type StoredAction, toAction } from "./action.ts";

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

/** One row per outcome. A column is of the type that its values are cast to; text is what the databases take them for. */
const toEnded = ({ id, fencingToken, state, before, after, warnings, error, runId }: ActionOutcome) => {
  const message = error === null || error === undefined ? null : toStorableText(error.message);
  const keepsBefore = before === undefined ? 1 : 0;
  return sql`(${id}, cast(${fencingToken} as bigint), ${state}, cast(${keepsBefore} as bigint), ${toJsonOrNull(before)},
    ${toJsonOrNull(after)}, ${JSON.stringify(warnings ?? [])}, ${error?.code ?? null}, ${message},
    ${runId === undefined ? null : toStorableText(runId)})`;
};

interface Ended {
  readonly ended_id: string;
  readonly ended_token: number;
  readonly ended_state: string;
  readonly keeps_before: number;
  readonly new_before: string | null;
  readonly new_after: string | null;
  readonly new_warnings: string;
  readonly new_code: string | null;
  readonly new_message: string | null;
  readonly new_run_id: string | null;
}

/** Writes the rows of those whose lease still is the newest one, by id. */
const endRows = async (
  trx: Transaction<Database>,
  { now }: StoreContext,
  outcomes: readonly ActionOutcome[],
): Promise<ReadonlyMap<ActionId, StoredAction>> => {
  const rows = await trx
    .with(
      "ended(ended_id, ended_token, ended_state, keeps_before, new_before, new_after, new_warnings, new_code, new_message, new_run_id)",
      () => sql<Ended>`(values ${sql.join(outcomes.map(toEnded))})`,
    )
    .updateTable("actions")
    .from("ended")
    .set((eb) => ({
      state: eb.ref("ended.ended_state"),
      before: sql<string | null>`case when keeps_before = 1 then actions.before else new_before end`,
      after: eb.ref("ended.new_after"),
      warnings: eb.ref("ended.new_warnings"),
      error_code: eb.ref("ended.new_code"),
      error_message: eb.ref("ended.new_message"),
      run_id: eb.fn.coalesce("ended.new_run_id", "actions.run_id"),
      sealed: null,
      // A key stands for the stop that goes on; the next one after its end is another.
      dedupe_key: sql<string | null>`case when verb = 'run:stop' then null else dedupe_key end`,
      lease_owner: null,
      lease_until: null,
      updated_at: now(),
      finished_at: now(),
    }))
    .whereRef("actions.id", "=", "ended.ended_id")
    .whereRef("actions.fencing_token", "=", "ended.ended_token")
    .where("actions.state", "=", "pending")
    .returning(ACTION_COLUMNS)
    .execute();
  return new Map(rows.map((row) => [toActionId(row.id), toAction(row)]));
};

const toAuditNote = (action: StoredAction): AuditNote => {
  const { id, verb, actor, state, instance, dagId, runId, taskId, sourceIp, requestId } = action;
  return {
    actor,
    verb,
    outcome: state === "pending" ? "requested" : state,
    instance,
    dagId,
    runId,
    taskId,
    actionId: id,
    details: details(action),
    sourceIp,
    requestId,
  };
};

const toEvent = ({ id, verb, actor, state, instance, dagId, runId, error }: StoredAction): EventNote => ({
  kind: "action.finished",
  instance,
  dagId,
  runId,
  payload: { id, verb, state, actor, error: error?.code ?? null },
});

/**
 * Ends actions, with their audit rows and events, in one transaction of a few statements, however many they are.
 *
 * @returns The actions as they are now, in the order given. Undefined when the lease is no longer the newest one or the
 * action was ended already: then nothing is written of it.
 */
export const finishActions = (
  context: StoreContext,
  outcomes: readonly ActionOutcome[],
): Promise<readonly (StoredAction | undefined)[]> =>
  retryConflict(() =>
    context.db.transaction().execute(async (trx) => {
      const ended = await endRows(trx, context, outcomes);
      const finished = outcomes.map(({ id }) => ended.get(id));
      const actions = finished.filter((action) => action !== undefined);
      if (actions.length === 0) return finished;
      await appendAudit(trx, context, actions.map(toAuditNote));
      const ends = new Map(outcomes.map(({ id, trigger }) => [id, trigger]));
      const triggers = actions.filter(({ verb }) => verb === "run:trigger");
      const told = await settleTriggers(
        trx,
        context,
        triggers.map((action) => ({ action, end: ends.get(action.id) })),
      );
      await appendEvents(
        trx,
        context,
        actions.flatMap((action) => [toEvent(action), ...(told.get(action.id) ?? [])]),
      );
      return finished;
    }),
  );
