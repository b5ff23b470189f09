import type { Transaction } from "kysely";
import type { StoreContext } from "../context.ts";
import { appendDeliveries } from "../deliveries/append-deliveries.ts";
import { appendEvents } from "../events/events.ts";
import type { Database } from "../schema.ts";
import type { JsonObject } from "../text/stored-json.ts";
import type { AlertChange, AlertHistoryKind, AlertState, StoredAlert } from "./alert-repository.ts";
import { factColumns, toAlert } from "./alert-row.ts";

/** Adds a row to an alert's history within its transaction. */
export const noteAlert = async (
  trx: Transaction<Database>,
  { clock }: Pick<StoreContext, "clock">,
  alertId: string,
  entry: { readonly kind: AlertHistoryKind; readonly actor?: string; readonly details?: JsonObject },
): Promise<void> => {
  const last = await trx
    .selectFrom("alert_history")
    .select("number")
    .where("alert_id", "=", alertId)
    .orderBy("number", "desc")
    .limit(1)
    .executeTakeFirst();
  await trx
    .insertInto("alert_history")
    .values({
      alert_id: alertId,
      number: (last?.number ?? 0) + 1,
      at: clock(),
      kind: entry.kind,
      actor: entry.actor ?? null,
      details: JSON.stringify(entry.details ?? {}),
    })
    .execute();
};

const columnsOf = (context: StoreContext, { state, since, facts, before, isTold }: AlertChange) => {
  const now = context.clock();
  return {
    ...factColumns(facts),
    state,
    since,
    opened_at: before?.openedAt ?? (state === "open" ? now : null),
    resolved_at: state === "resolved" ? now : null,
    notified_at: isTold ? now : (before?.notifiedAt ?? null),
    // Rises with each change, so that it tells one from the next even within a millisecond.
    changed_at: Math.max(now, (before?.changedAt ?? 0) + 1),
  };
};

/** Undefined when somebody else was faster. */
const write = async (
  trx: Transaction<Database>,
  context: StoreContext,
  change: AlertChange,
): Promise<StoredAlert | undefined> => {
  const { before, rule, group, condition } = change;
  if (before === null) {
    const row = await trx
      .insertInto("alerts")
      .values({ id: context.newId("alr"), rule_id: rule, group_key: group, condition, ...columnsOf(context, change) })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? undefined : toAlert(row);
  }
  const row = await trx
    .updateTable("alerts")
    .set(columnsOf(context, change))
    .where("id", "=", before.id)
    .where("changed_at", "=", before.changedAt)
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? undefined : toAlert(row);
};

/** What listeners hear. Of an alert about several instances only that it is there, as they may not know of all of them. */
const toEvent = (alert: StoredAlert) => {
  const [only] = alert.instances;
  const isOfOne = only !== undefined && alert.instances.length === 1;
  const { id, rule, state, condition } = alert;
  const details = isOfOne ? { summary: alert.summary, findings_total: alert.findingsTotal } : {};
  return {
    kind: state === "open" ? "alert.opened" : "alert.resolved",
    instance: isOfOne ? only : null,
    payload: { id, rule, state, condition, ...details },
  };
};

const turnOf = (before: AlertState | undefined, after: AlertState): AlertHistoryKind | undefined => {
  if (after === "open" && before !== "open") return "opened";
  return after === "resolved" ? "resolved" : undefined;
};

export const changeAlert = (context: StoreContext, change: AlertChange): Promise<StoredAlert | undefined> =>
  context.db.transaction().execute(async (trx) => {
    const { before, state } = change;
    if (state === "dropped") {
      await trx
        .deleteFrom("alerts")
        .where("id", "=", before?.id ?? "")
        .where("state", "=", "pending")
        .execute();
      return undefined;
    }
    const alert = await write(trx, context, change);
    if (alert === undefined) return undefined;
    const turn = turnOf(before?.state, state);
    if (turn !== undefined) {
      await noteAlert(trx, context, alert.id, { kind: turn, details: { summary: alert.summary } });
      await appendEvents(trx, context, [toEvent(alert)]);
    }
    const deliveries = change.deliveries(alert.id);
    if (deliveries.length > 0) {
      await appendDeliveries(trx, context, deliveries);
      const receivers = deliveries.map(({ receiver }) => receiver);
      await noteAlert(trx, context, alert.id, { kind: "notified", details: { receivers } });
    }
    return alert;
  });
