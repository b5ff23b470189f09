import type { ROUTES, RouteOutput } from "@airfleet/contract";
import type { StopList } from "@airfleet/control";
import type { StoppedTask } from "@airfleet/model";
import type { StoredStop } from "@airfleet/store";
import { toActionView } from "./action-view.ts";
import { toInstant, toInstantOrNull } from "./instants.ts";

type StopView = RouteOutput<typeof ROUTES.getFleetRunStop>;
type StopsView = RouteOutput<typeof ROUTES.stopFleetRuns>;

const toProcessView = (task: StoppedTask): StopView["processes"][number] => ({
  task_id: task.taskId,
  map_index: task.mapIndex,
  try_number: task.tryNumber,
  state_before: task.stateBefore,
  hostname: task.hostname,
  pid: task.pid,
  process_gone: task.gone?.kind ?? "alive",
  by: task.gone?.kind === "confirmed" ? task.gone.by : null,
  gone_at: toInstantOrNull(task.gone?.at ?? null),
  silent_seconds: task.gone?.kind === "presumed" ? Math.round(task.gone.silentMs / 1_000) : null,
  last_sign_at: toInstant(task.lastSignAt),
  detail: task.gone?.kind === "confirmed" ? task.gone.detail : null,
});

export const toRunStopView = (stop: StoredStop): StopView => {
  const counts = { alive: 0, confirmed: 0, presumed: 0 };
  for (const { gone } of stop.tasks) counts[gone?.kind ?? "alive"] += 1;
  return {
    action: stop.actionId,
    stage: stop.stage,
    stopped_at: toInstantOrNull(stop.stoppedAt),
    waits_until: stop.stage === "ended" ? null : toInstant(stop.until),
    deleted_at: toInstantOrNull(stop.deletedAt),
    process_counts: counts,
    processes: stop.tasks.map(toProcessView),
  };
};

export const toRunStopsView = ({ hash, tickets }: StopList, dryRun: boolean): StopsView => ({
  dry_run: dryRun,
  list_hash: hash,
  items: tickets.map(({ key, run, action, error }) => ({
    run: key,
    instance: run?.instance.id ?? null,
    dag_id: run?.run.record.dagId ?? null,
    dag_run_id: run?.run.record.runId ?? null,
    state: run?.run.record.state ?? null,
    action: action === null ? null : toActionView(action),
    error: error === null ? null : { code: error.code, message: error.message },
  })),
});
