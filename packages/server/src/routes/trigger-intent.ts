import type { ROUTES } from "@airfleet/contract";
import type { ActionIntent } from "@airfleet/control";
import { AirfleetError } from "@airfleet/model";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import type { RouteContext } from "./bound-route.ts";
import { given } from "./given.ts";

const readInterval = (
  start: string | undefined,
  end: string | undefined,
): { readonly start: string; readonly end: string } | undefined => {
  if (start === undefined && end === undefined) return undefined;
  if (start !== undefined && end !== undefined) return { start, end };
  const missing = start === undefined ? "data_interval_start" : "data_interval_end";
  throw new AirfleetError(
    "REQUEST_INVALID",
    { summary: `body.${missing}: both ends of a data interval are needed, or neither` },
    { findings: [{ pointer: `/body/${missing}`, message: "Both ends of a data interval are needed, or neither." }] },
  );
};

/** What a POST of a run asks for. With an Idempotency-Key the same key means the same run. */
export const toTriggerIntent = ({ params, body, header }: RouteContext<typeof ROUTES.triggerRun>): ActionIntent => {
  const idempotencyKey = readIdempotencyKey(header("idempotency-key"));
  const interval = readInterval(body.data_interval_start, body.data_interval_end);
  return {
    verb: "run:trigger",
    instance: params.instance,
    dagId: params.dag_id,
    conf: body.conf,
    ...given({
      logicalDate: body.logical_date,
      interval,
      runAfter: body.run_after,
      note: body.note,
      runId: body.dag_run_id,
      idempotencyKey,
    }),
  };
};
