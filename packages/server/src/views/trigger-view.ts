import type { TriggerView } from "@airfleet/contract";
import { type Control, runPage } from "@airfleet/control";
import { AirfleetError } from "@airfleet/model";
import type { StoredTrigger, StoredTriggerAttempt } from "@airfleet/store";
import { toFleetRunView } from "./fleet-run-view.ts";
import { toInstant, toInstantOrNull } from "./instants.ts";

type Shown = Readonly<Record<string, unknown>>;

const textOf = (request: Shown, name: string): string | null => {
  const value = request[name];
  return typeof value === "string" ? value : null;
};

const confOf = ({ conf }: Shown): Record<string, unknown> =>
  typeof conf === "object" && conf !== null ? { ...conf } : {};

/** Triggers as the API shows them, each with its run where that is known. */
export const toTriggerViews = async (
  control: Pick<Control, "triggers" | "runs" | "instances">,
  triggers: readonly StoredTrigger[],
): Promise<TriggerView[]> => {
  const known = await control.triggers.runsOf(triggers);
  const shown = new Map((await control.runs.describe([...known.values()])).map((run) => [run.run.key, run]));
  const instances = new Map(control.instances.list().map((instance) => [instance.id, instance]));
  const toView = (trigger: StoredTrigger): TriggerView => {
    const { request, instance: id } = trigger;
    const key = known.get(trigger.id)?.key;
    const run = key === undefined ? undefined : shown.get(key);
    const instance = instances.get(id);
    return {
      id: trigger.id,
      request_id: trigger.requestId,
      action_id: trigger.actionId,
      instance: id,
      dag_id: trigger.dagId,
      dag_run_id: trigger.runId,
      state: trigger.state,
      actor: trigger.actor,
      conf: confOf(request),
      note: textOf(request, "note"),
      logical_date: textOf(request, "logical_date"),
      run_after: textOf(request, "run_after"),
      unpause: request["unpause"] === true,
      subjects: trigger.subjects.map(({ type, id: subject, label = null, url = null }) => ({
        type,
        id: subject,
        label,
        url,
      })),
      subjects_total: trigger.subjectsTotal,
      run: run === undefined ? null : toFleetRunView(run),
      warnings: trigger.warnings.map(({ code, message }) => ({ code, message })),
      error: trigger.error === null ? null : { code: trigger.error.code, message: trigger.error.message },
      created_at: toInstant(trigger.createdAt),
      finished_at: toInstantOrNull(trigger.finishedAt),
      expires_at: toInstantOrNull(trigger.expiresAt),
      ui_url: instance === undefined || instance.url === "" ? null : runPage(instance, trigger),
    };
  };
  return triggers.map(toView);
};

/** One of them. */
export const toTriggerView = async (
  control: Parameters<typeof toTriggerViews>[0],
  trigger: StoredTrigger,
): Promise<TriggerView> => {
  const [view] = await toTriggerViews(control, [trigger]);
  if (view === undefined) throw new AirfleetError("TRIGGER_UNKNOWN", { trigger: trigger.id });
  return view;
};

export const toTriggerAttemptView = (attempt: StoredTriggerAttempt) => ({
  number: attempt.number,
  at: toInstant(attempt.at),
  method: attempt.method,
  path: attempt.path,
  request: attempt.request,
  status: attempt.status,
  answer: attempt.answer,
  is_cut: attempt.isCut,
  duration_ms: attempt.durationMs,
  error: attempt.error,
});
