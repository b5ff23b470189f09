import type { ActionView } from "@airfleet/contract";
import type { Action } from "@airfleet/control";
import { toInstant, toInstantOrNull } from "./instants.ts";

export const toActionView = (action: Action): ActionView => ({
  id: action.id,
  verb: action.verb,
  state: action.state,
  actor: action.actor,
  instance: action.instance,
  dag_id: action.dagId,
  dag_run_id: action.runId,
  task_id: action.taskId,
  map_index: action.mapIndex,
  request: { ...action.request },
  before: action.before === null ? null : { ...action.before },
  after: action.after === null ? null : { ...action.after },
  warnings: action.warnings.map(({ code, message }) => ({ code, message })),
  error: action.error === null ? null : { code: action.error.code, message: action.error.message },
  attempts: action.attempts,
  created_at: toInstant(action.createdAt),
  finished_at: toInstantOrNull(action.finishedAt),
  trigger_id: action.triggerId,
});
