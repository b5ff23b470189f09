import { TriggerItem } from "@airfleet/contract";
import type { TriggerAsk } from "@airfleet/control";
import { AirfleetError } from "@airfleet/model";
import type { RefusedItem, TriggerQuery } from "@airfleet/store";
import type { RouteRequest, ROUTES } from "@airfleet/contract";
import { given } from "./given.ts";

/** What a body asks for. Its form has been checked by the contract. */
export const toTriggerAsk = (body: TriggerItem): TriggerAsk => {
  const { data_interval_start: start, data_interval_end: end } = body;
  return {
    dagId: body.dag_id,
    conf: body.conf,
    ...given({
      instances: body.instances,
      selector: body.selector,
      secretConfKeys: body.secret_conf_keys,
      subjects: body.subjects?.map(({ type, id, label, url }) => ({ type, id, ...given({ label, url }) })),
      note: body.note,
      logicalDate: body.logical_date,
      interval: start === undefined || end === undefined ? undefined : { start, end },
      runAfter: body.run_after,
      runId: body.dag_run_id,
      runIdPrefix: body.dag_run_id_prefix,
      mapSlashes: body.map_slashes,
      unpause: body.unpause,
      acceptScheduledRun: body.accept_scheduled_run,
      expiresInMs: body.expires_in === undefined ? undefined : body.expires_in * 1_000,
    }),
  };
};

/** An item of a batch, or why its form is wrong. */
export const toBatchAsk = (item: unknown): TriggerAsk | { readonly refused: Pick<RefusedItem, "code" | "message"> } => {
  const parsed = TriggerItem.safeParse(item);
  if (parsed.success) return toTriggerAsk(parsed.data);
  const summary = parsed.error.issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`))
    .join("; ");
  const { code, message } = new AirfleetError("REQUEST_INVALID", { summary });
  return { refused: { code, message } };
};

/** Which triggers a query means; `instances` are those that the caller may see. */
export const toTriggerQuery = (
  query: RouteRequest<typeof ROUTES.listTriggers>["query"],
  instances: readonly string[] | undefined,
): TriggerQuery => {
  const { subject_type: type, subject_id: id, created_from: from, created_to: to } = query;
  const isTimed = from !== undefined || to !== undefined;
  return {
    limit: query.limit,
    ...given({
      instances,
      dagIds: query.dag_id,
      states: query.state,
      requestId: query.request_id,
      subject: type === undefined || id === undefined ? undefined : { type, id },
      actor: query.actor,
      created: isTimed
        ? given({
            from: from === undefined ? undefined : Date.parse(from),
            to: to === undefined ? undefined : Date.parse(to),
          })
        : undefined,
      after: query.cursor,
    }),
  };
};
