import type { ActionId, TriggerId } from "@airfleet/model";
import type { ActionWarning } from "../actions/action.ts";
import type { StoreContext } from "../context.ts";
import { appendEvents } from "../events/events.ts";
import { fromJson } from "../text/stored-json.ts";
import { cancelTrigger } from "./cancel-trigger.ts";
import { dropTriggers, forgetRequests } from "./drop-triggers.ts";
import { listTriggers } from "./list-triggers.ts";
import { recordTriggers, toTriggerRequest, triggersOf } from "./record-triggers.ts";
import { toTriggerEvent } from "./trigger-event.ts";
import { type StoredTrigger, toAttempt, toTrigger } from "./trigger.ts";
import type { TriggerRepository } from "./trigger-repository.ts";

const FORGOTTEN_AT_ONCE = 200;

/** Adds what is not said yet; undefined when nothing is new. */
const joined = (
  known: readonly ActionWarning[],
  news: readonly ActionWarning[],
): readonly ActionWarning[] | undefined => {
  const fresh = news.filter(({ code }) => !known.some((one) => one.code === code));
  return fresh.length === 0 ? undefined : [...known, ...fresh];
};

export const createTriggerRepository = (context: StoreContext): TriggerRepository => {
  const { db } = context;
  const kept = () => db.selectFrom("triggers").selectAll().where("dropped_at", "is", null);

  return {
    record: (request, options = {}) => recordTriggers(context, request, options),
    ofRequest: (requestId) => triggersOf(db, requestId),
    list: (query) => listTriggers(context, query),
    cancel: (request) => cancelTrigger(context, request),
    drop: (ids) => dropTriggers(context, ids),
    forgetRequests: (before, batch = FORGOTTEN_AT_ONCE) => forgetRequests(context, before, batch),

    async findByScope(scope) {
      const row = await db.selectFrom("trigger_requests").selectAll().where("scope", "=", scope).executeTakeFirst();
      if (row === undefined) return undefined;
      return { request: toTriggerRequest(row), triggers: await triggersOf(db, row.id) };
    },

    async find(id: TriggerId) {
      const row = await kept().where("id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : toTrigger(row);
    },

    async findByActions(ids) {
      if (ids.length === 0) return new Map<ActionId, StoredTrigger>();
      const rows = await kept().where("action_id", "in", ids).execute();
      return new Map(rows.map((row) => [toTrigger(row).actionId, toTrigger(row)]));
    },

    async findByRun({ instance, dagId, runId }) {
      const row = await kept()
        .where("instance_id", "=", instance)
        .where("dag_id", "=", dagId)
        .where("run_id", "=", runId)
        .orderBy("id", "desc")
        .limit(1)
        .executeTakeFirst();
      return row === undefined ? undefined : toTrigger(row);
    },

    async attempts(id) {
      const rows = await db
        .selectFrom("trigger_attempts")
        .selectAll()
        .where("trigger_id", "=", id)
        .orderBy("number")
        .execute();
      return rows.map(toAttempt);
    },

    async listWatched({ now, limit }) {
      const rows = await kept().where("look_at", "<=", now).orderBy("look_at").limit(limit).execute();
      return rows.map(toTrigger);
    },

    watch: (id, { lookAt, warnings = [] }) =>
      db.transaction().execute(async (trx) => {
        const row = await trx
          .selectFrom("triggers")
          .select(["warnings", "dropped_at"])
          .where("id", "=", id)
          .modifyEnd(context.profile.forUpdate)
          .executeTakeFirst();
        if (row === undefined || row.dropped_at !== null) return false;
        const all = joined(fromJson(row.warnings) as ActionWarning[], warnings);
        const changed = await trx
          .updateTable("triggers")
          .set({
            look_at: lookAt,
            ...(all === undefined ? {} : { warnings: JSON.stringify(all), changed_at: context.now() }),
          })
          .where("id", "=", id)
          .returningAll()
          .executeTakeFirstOrThrow();
        const trigger = toTrigger(changed);
        if (all !== undefined) await appendEvents(trx, context, [toTriggerEvent(trigger, trigger.state)]);
        return all !== undefined;
      }),

    async listFinished({ before, limit, after }) {
      let rows = kept().where("finished_at", "<", before).orderBy("finished_at").orderBy("id").limit(limit);
      if (after !== undefined) {
        rows = rows.where((eb) =>
          eb.or([
            eb("finished_at", ">", after.finishedAt),
            eb.and([eb("finished_at", "=", after.finishedAt), eb("id", ">", after.id)]),
          ]),
        );
      }
      return (await rows.execute()).map(toTrigger);
    },
  };
};
