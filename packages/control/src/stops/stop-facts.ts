import type { ProcessGone, StoppedTask } from "@airfleet/model";
import type { StoredStop } from "@airfleet/store";
import type { Facts } from "../actions/facts.ts";

export const processGone = ({ gone }: StoppedTask): ProcessGone => gone?.kind ?? "alive";

const instant = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const toProcessFacts = (task: StoppedTask): Facts => ({
  task_id: task.taskId,
  map_index: task.mapIndex,
  try_number: task.tryNumber,
  state_before: task.stateBefore,
  hostname: task.hostname,
  pid: task.pid,
  process_gone: processGone(task),
  by: task.gone?.kind === "confirmed" ? task.gone.by : null,
  gone_at: instant(task.gone?.at ?? null),
  silent_seconds: task.gone?.kind === "presumed" ? Math.round(task.gone.silentMs / 1_000) : null,
  last_sign_at: instant(task.lastSignAt),
  detail: task.gone?.kind === "confirmed" ? task.gone.detail : null,
});

/** How many processes stand how. */
export const countGone = (tasks: readonly StoppedTask[]): Readonly<Record<ProcessGone, number>> => {
  const counts = { confirmed: 0, presumed: 0, alive: 0 };
  for (const task of tasks) counts[processGone(task)] += 1;
  return counts;
};

/** What is known of a stop, as its action shows it, also while it goes on. */
export const toStopFacts = (stop: StoredStop): Facts => ({
  stage: stop.stage,
  stopped_at: instant(stop.stoppedAt),
  waits_until: stop.stage === "ended" ? null : instant(stop.until),
  deleted_at: instant(stop.deletedAt),
  process_counts: countGone(stop.tasks),
  processes: stop.tasks.map(toProcessFacts),
});

/** `a`, or `a[3]` of a mapped task, with where it ran. */
export const describeProcess = ({ taskId, mapIndex, hostname, pid }: StoppedTask): string => {
  const name = mapIndex < 0 ? taskId : `${taskId}[${mapIndex}]`;
  return pid === null && hostname === null ? name : `${name} (pid ${pid ?? "?"} on ${hostname ?? "?"})`;
};
