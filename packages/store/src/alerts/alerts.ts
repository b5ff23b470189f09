import type { StoreContext } from "../context.ts";
import { fromCursor, toCursor, toPage } from "../paging/cursor.ts";
import { objectFromJson } from "../text/stored-json.ts";
import type { AlertHistoryKind, AlertQuery, AlertRepository } from "./alert-repository.ts";
import { toAlert } from "./alert-row.ts";
import { changeAlert, noteAlert } from "./change-alert.ts";

/** What alert rules found. */
export const createAlertRepository = (context: StoreContext): AlertRepository => {
  const { db } = context;

  const find = async (id: string) => {
    const row = await db.selectFrom("alerts").selectAll().where("id", "=", id).executeTakeFirst();
    return row === undefined ? undefined : toAlert(row);
  };

  const list = async ({ limit, after, ...filter }: AlertQuery) => {
    const [before] = after === undefined ? [] : fromCursor("alerts", filter, ["string"], after);
    const { states = ["open", "resolved"], rules, visible } = filter;
    if (states.length === 0 || rules?.length === 0) return { items: [], next: null };
    let rows = db
      .selectFrom("alerts")
      .selectAll()
      .where("state", "in", states)
      .orderBy("id", "desc")
      .limit(limit + 1);
    if (before !== undefined) rows = rows.where("id", "<", String(before));
    if (rules !== undefined) rows = rows.where("rule_id", "in", rules);
    if (visible !== undefined) {
      const single = visible.instances.map((instance) => JSON.stringify([instance]));
      rows = rows.where((eb) =>
        eb.or([
          ...(visible.rules.length === 0 ? [] : [eb("rule_id", "in", visible.rules)]),
          ...(single.length === 0 ? [] : [eb("instances", "in", single)]),
        ]),
      );
    }
    const cursor = (last: { readonly id: string }): string => toCursor("alerts", filter, [last.id]);
    return toPage(await rows.execute(), limit, { item: toAlert, cursor });
  };

  return {
    find,
    list,
    change: (change) => changeAlert(context, change),

    async unresolved(rule) {
      const rows = await db
        .selectFrom("alerts")
        .selectAll()
        .where("rule_id", "=", rule)
        .where("state", "<>", "resolved")
        .orderBy("id")
        .execute();
      return rows.map(toAlert);
    },

    async unresolvedRules() {
      const rows = await db
        .selectFrom("alerts")
        .select("rule_id")
        .distinct()
        .where("state", "<>", "resolved")
        .execute();
      return rows.map((row) => row.rule_id);
    },

    async history(id) {
      const rows = await db
        .selectFrom("alert_history")
        .selectAll()
        .where("alert_id", "=", id)
        .orderBy("number")
        .execute();
      return rows.map(({ at, kind, actor, details }) => ({
        at,
        kind: kind as AlertHistoryKind,
        actor,
        details: objectFromJson(details),
      }));
    },

    snooze: (id, until, actor) =>
      db.transaction().execute(async (trx) => {
        const row = await trx
          .updateTable("alerts")
          .set((eb) => ({
            snoozed_until: until,
            snoozed_by: until === null ? null : actor,
            changed_at: eb("changed_at", "+", 1),
          }))
          .where("id", "=", id)
          .where("state", "=", "open")
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) return undefined;
        const kind = until === null ? "woken" : "snoozed";
        const details = until === null ? {} : { until: new Date(until).toISOString() };
        await noteAlert(trx, context, id, { kind, actor, details });
        return toAlert(row);
      }),

    sweep: (before, batch = 500) =>
      db.transaction().execute(async (trx) => {
        const rows = await trx
          .selectFrom("alerts")
          .select("id")
          .where("resolved_at", "<", before)
          .limit(batch)
          .execute();
        if (rows.length === 0) return 0;
        const ids = rows.map(({ id }) => id);
        await trx.deleteFrom("alert_history").where("alert_id", "in", ids).execute();
        await trx.deleteFrom("alerts").where("id", "in", ids).execute();
        return rows.length;
      }),
  };
};
