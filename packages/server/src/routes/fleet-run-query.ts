import type { RouteRequest, ROUTES } from "@airfleet/contract";
import type { FleetRunQuery } from "@airfleet/control";
import { parseSelector } from "@airfleet/model";
import { given } from "./given.ts";

type Query = RouteRequest<typeof ROUTES.listFleetRuns>["query"];

const toEpoch = (instant: string | undefined): number | undefined =>
  instant === undefined ? undefined : Date.parse(instant);

const toRange = (from: number | undefined, to: number | undefined) =>
  from === undefined && to === undefined ? undefined : given({ from, to });

/** `key:value`; the value may hold colons. */
const toConf = (text: string): Readonly<Record<string, string>> => {
  const colon = text.indexOf(":");
  return Object.fromEntries([[text.slice(0, colon), text.slice(colon + 1)]]);
};

/**
 * The query of the list of runs in the words of the use case.
 *
 * @throws {AirfleetError} SELECTOR_INVALID
 */
export const toFleetRunQuery = (query: Query): Omit<FleetRunQuery, "instances"> => {
  const { subject_type: type, subject_id: id } = query;
  return {
    limit: query.limit,
    ...given({
      after: query.cursor,
      dagIds: query.dag_id,
      states: query.state,
      types: query.run_type,
      subject: type !== undefined && id !== undefined ? { type, id } : undefined,
      conf: query.conf === undefined ? undefined : toConf(query.conf),
      noteContains: query.note,
      runIdContains: query.run_id,
      triggerId: query.trigger_id,
      due: toRange(toEpoch(query.due_from), toEpoch(query.due_to)),
      started: toRange(toEpoch(query.started_from), toEpoch(query.started_to)),
      ended: toRange(toEpoch(query.ended_from), toEpoch(query.ended_to)),
      durationSeconds: toRange(query.min_duration, query.max_duration),
      failedWithoutLaterSuccess: query.failed_without_later_success === true ? true : undefined,
      selector: query.selector === undefined ? undefined : parseSelector(query.selector, "runs"),
    }),
  };
};
