import type { Action, ActionIntent, FleetInstance } from "@airfleet/control";
import type { NativeRead } from "@airfleet/engine";
import { isAirfleetError } from "@airfleet/model";
import { fromAction } from "./client-failure.ts";
import type { ClientResult } from "./envelope.ts";
import { CLIENT_TIMEOUT_MS, type SeedContext } from "./seed-route.ts";

/** Left for reading the answer's body, however long the write took: the write is done, so this is no reason to fail. */
const LEAST_READ_MS = 2_000;

/** Keys of ours that say what a person should know about a finished action. */
export const noteworthy = (action: Action): Readonly<Record<string, unknown>> => ({
  action_id: action.id,
  ...(action.warnings[0] === undefined ? {} : { warning: action.warnings.map(({ message }) => message).join(" ") }),
  ...(action.warnings[0] === undefined ? {} : { warnings: action.warnings }),
});

/** Records a write and carries it out, within the client's time. The seed promises to ask nothing, so it is confirmed. */
export const act = ({ control, actor }: SeedContext, intent: ActionIntent): Promise<Action> =>
  control.actions.perform(actor, { ...intent, confirmed: true }, { deadlineMs: CLIENT_TIMEOUT_MS });

/**
 * A write whose success item carries the object as Airflow shows it afterwards. When that cannot be read, what was read
 * back during the action stands in for it.
 */
export const actAndRead = async (
  context: SeedContext,
  client: FleetInstance,
  intent: ActionIntent,
  read: (action: Action) => NativeRead,
): Promise<ClientResult> => {
  const startedAt = performance.now();
  const action = await act(context, intent);
  if (action.state !== "done") return fromAction(client, action, CLIENT_TIMEOUT_MS);
  const timeoutMs = Math.max(LEAST_READ_MS, Math.ceil(CLIENT_TIMEOUT_MS - (performance.now() - startedAt)));
  const extras = {
    ...(action.runId === null ? {} : { dag_run_id: action.runId }),
    ...noteworthy(action),
  };
  try {
    const { json } = await context.control.live.native(client.id, read(action), { signal: context.signal, timeoutMs });
    return { client, success: true, extras, data: json };
  } catch (error) {
    if (!isAirfleetError(error)) throw error;
    return { client, success: true, extras, data: { ...action.after } };
  }
};
