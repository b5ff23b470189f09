import type { FleetRun } from "../fleet/find-fleet-run.ts";
import { toDurationText, toSecondsText } from "./instant-text.ts";
import { type Column, toneOf } from "./listing.ts";

const toSubjectText = ({ subjects, subjects_total: total }: FleetRun): string | null => {
  if (total === 0) return null;
  const shown = subjects.slice(0, 3).map(({ type, id, label }) => label ?? `${type}/${id}`);
  return total > shown.length ? `${shown.join(", ")} and ${total - shown.length} more` : shown.join(", ");
};

/** Runs of the fleet as a table. */
export const fleetRunColumns: readonly Column<FleetRun>[] = [
  { header: "INSTANCE", text: (row) => row.instance },
  { header: "DAG", text: (row) => row.dag_id },
  { header: "RUN", text: (row) => row.dag_run_id },
  {
    header: "STATE",
    text: (row) => (row.partial ? `${row.state} (partial)` : row.state),
    tone: (row) => toneOf(row.state),
  },
  { header: "DUE", text: (row) => toSecondsText(row.due_at) },
  { header: "STARTED", text: (row) => toSecondsText(row.started_at), isWide: true },
  { header: "ENDED", text: (row) => toSecondsText(row.ended_at), isWide: true },
  { header: "DURATION", text: (row) => toDurationText(row.duration_seconds), alignRight: true },
  { header: "SUBJECTS", text: toSubjectText },
  { header: "TYPE", text: (row) => row.run_type, isWide: true },
  { header: "NOTE", text: (row) => row.note, isWide: true },
  { header: "STALE", text: (row) => (row.stale ? "stale" : null), isWide: true, tone: () => "warning" },
  { header: "ID", text: (row) => row.id, isWide: true },
];

/** One run with all that is known of it. */
export const fleetRunFields: readonly Column<FleetRun>[] = [
  ...fleetRunColumns,
  { header: "ENGINE STATE", text: (row) => row.engine_state },
  { header: "ENGINE DROPPED IT", text: (row) => toSecondsText(row.engine_gone_at) },
  { header: "LOGICAL DATE", text: (row) => toSecondsText(row.logical_date) },
  { header: "TRIGGER", text: (row) => row.trigger_id },
  { header: "TRIGGERED BY", text: (row) => row.triggered_by },
  { header: "FIRST TOLD BY", text: (row) => row.discovered_by },
  { header: "CONF", text: (row) => JSON.stringify(row.conf) },
  { header: "OBSERVED", text: (row) => toSecondsText(row.observed_at) },
  { header: "UI", text: (row) => row.ui_url },
];
