import type { RouteOutput, ROUTES } from "@airfleet/contract";
import { type FleetRun, type FleetTasks, runPage } from "@airfleet/control";
import type { Run, StateWords } from "@airfleet/model";
import type { StoredObservation } from "@airfleet/store";
import { toInstant, toInstantOrNull } from "./instants.ts";
import { toReportedView } from "./reported-view.ts";
import { toRunView, toTaskInstanceView } from "./run-view.ts";

type FleetRunView = RouteOutput<typeof ROUTES.getFleetRun>;

/** A run that was only heard of, as far as it can be told. */
const heardRun = ({ run: { record } }: FleetRun): Run => ({
  dagId: record.dagId,
  runId: record.runId,
  state: record.state,
  engineState: record.state,
  type: "manual",
  logicalDate: record.heard?.logicalDate ?? null,
  intervalStart: null,
  intervalEnd: null,
  runAfter: null,
  queuedAt: null,
  startedAt: null,
  endedAt: null,
  conf: record.heard?.conf ?? {},
  note: null,
  triggeredBy: null,
  versionNumbers: [],
});

/** A run as the fleet remembers it, the same for every list and page that shows runs. */
export const toFleetRunView = (fleetRun: FleetRun, words?: StateWords): FleetRunView => {
  const { run, instance, observedAt, stale } = fleetRun;
  const { record } = run;
  const read = record.read?.run;
  return {
    ...toRunView(instance, read ?? heardRun(fleetRun), observedAt),
    id: run.key,
    state: record.state,
    ...(words !== undefined && { state_word: words[record.state] }),
    engine_state: read?.engineState ?? null,
    run_type: read?.type ?? null,
    partial: record.partial,
    trigger_id: run.triggerId,
    discovered_by: run.discoveredBy,
    ui_url: instance.url === "" ? null : runPage(instance, record),
    engine_gone_at: toInstantOrNull(record.goneAt),
    due_at: toInstant(run.dueAt),
    subjects: run.subjects.map(({ type, id, label = null, url = null }) => ({ type, id, label, url })),
    subjects_total: run.subjectsTotal,
    first_seen_at: toInstant(run.firstSeenAt),
    changed_at: toInstant(run.changedAt),
    reported: toReportedView(fleetRun.reported),
    stale,
  };
};

export const toFleetTaskList = (
  { instance }: FleetRun,
  { tasks, source, observedAt }: FleetTasks,
): RouteOutput<typeof ROUTES.listFleetRunTasks> => ({
  items: tasks.map((task) => toTaskInstanceView(instance, task)),
  next_cursor: null,
  source,
  observed_at: toInstant(observedAt),
});

export const toRunObservationView = (
  row: StoredObservation,
): RouteOutput<typeof ROUTES.listRunObservations>["items"][number] => ({
  at: toInstant(row.at),
  recorded_at: toInstant(row.recordedAt),
  source: row.source,
  kind: row.kind,
  state: row.state,
  engine_state: row.engineState,
});
