import type { FleetRun } from "../fleet/find-fleet-run.ts";
import { toDurationText, toSecondsText } from "./instant-text.ts";
import { type Column, toneOf } from "./listing.ts";

const toSubjectText = ({ subjects, subjects_total: total }: FleetRun): string | null => {
  if (total === 0) return null;
  const shown = subjects.slice(0, 3).map(({ type, id, label }) => label ?? `${type}/${id}`);
  return total > shown.length ? `${shown.join(", ")} and ${total - shown.length} more` : shown.join(", ");
};

const toProgressText = ({ reported }: FleetRun): string | null => {
  const progress = reported?.progress ?? null;
  return progress === null ? null : `${Math.round(progress)} %`;
};

const toErrorText = ({ reported }: FleetRun): string | null => {
  const error = reported?.error ?? null;
  if (error === null) return null;
  return error.category === null ? error.message : `${error.category}: ${error.message}`;
};

const toDocumentText = (document: unknown): string | null =>
  document === undefined ? null : typeof document === "string" ? document : JSON.stringify(document);

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
  { header: "PROGRESS", text: (row) => toProgressText(row), alignRight: true, isWide: true },
  { header: "ERROR", text: (row) => toErrorText(row), isWide: true, tone: () => "bad" },
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
  { header: "TITLE", text: (row) => row.reported?.title ?? null },
  { header: "RESULTS", text: (row) => toDocumentText(row.reported?.results) },
  { header: "STATISTICS", text: (row) => toDocumentText(row.reported?.statistics) },
  { header: "LOGS", text: (row) => toDocumentText(row.reported?.logs) },
  { header: "REPORTED", text: (row) => toSecondsText(row.reported?.reported_at ?? null) },
  { header: "OBSERVED", text: (row) => toSecondsText(row.observed_at) },
  { header: "UI", text: (row) => row.ui_url },
];
