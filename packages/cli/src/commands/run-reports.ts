import type { ItemOf } from "@airfleet/sdk";
import { findFleetRun } from "../fleet/find-fleet-run.ts";
import { toSecondsText } from "../output/instant-text.ts";
import type { Column } from "../output/listing.ts";
import { act } from "../session/act.ts";

type Report = ItemOf<"listRunReports">;
type Received = ItemOf<"listReports">;

const columns: readonly Column<Report>[] = [
  { header: "RECEIVED", text: (row) => toSecondsText(row.received_at) },
  { header: "SENT", text: (row) => toSecondsText(row.sent_at), isWide: true },
  { header: "FORMAT", text: (row) => row.format },
  { header: "KIND", text: (row) => row.kind, tone: (row) => (row.error ? "bad" : "plain") },
  { header: "RUN IS", text: (row) => row.run_state },
  { header: "TASK", text: (row) => row.task_id },
  { header: "TRY", text: (row) => row.try_number, alignRight: true },
  { header: "INDEX", text: (row) => row.map_index, alignRight: true, isWide: true },
  { header: "SOURCE", text: (row) => row.source, isWide: true },
  { header: "MESSAGE", text: (row) => JSON.stringify(row.message), isWide: true },
];

const receivedColumns: readonly Column<Received>[] = [
  { header: "RECEIVED", text: (row) => toSecondsText(row.received_at) },
  { header: "OUTCOME", text: (row) => row.outcome, tone: (row) => (row.outcome === "rejected" ? "bad" : "plain") },
  { header: "INSTANCE", text: (row) => row.instance },
  { header: "DAG", text: (row) => row.dag_id },
  { header: "RUN", text: (row) => row.dag_run_id },
  { header: "FORMAT", text: (row) => row.format },
  { header: "RUN IS", text: (row) => row.run_state },
  { header: "TASK", text: (row) => row.task_id },
  { header: "TRY", text: (row) => row.try_number, alignRight: true },
  { header: "SOURCE", text: (row) => row.source, isWide: true },
  { header: "WHY", text: (row) => (row.code === null ? null : `${row.code}: ${row.detail ?? ""}`) },
  { header: "ID", text: (row) => row.id, isWide: true },
];

/** `airfleet runs reports <run>`: what was said of it. */
export const runReports = act<{ readonly limit: number }>(
  async ({ session, options: { limit }, args: [word = ""] }) => {
    const { id: run } = await findFleetRun(session, word);
    const rows: Report[] = [];
    const query = { limit: Math.min(limit, 1_000) };
    for await (const row of session.client.items("listRunReports", { params: { run }, query })) {
      if (rows.push(row) >= limit) break;
    }
    await session.output.list({ columns, rows, nameOf: (row) => row.id });
  },
);

interface ReceivedOptions {
  readonly limit: number;
  readonly instance?: string;
  readonly dag?: string;
  readonly rejected?: boolean;
}

/** `airfleet reports received`: whatever came last. */
export const receivedReports = act<ReceivedOptions>(async ({ session, options }) => {
  const { limit, instance, dag, rejected } = options;
  const query = {
    limit: Math.min(limit, 1_000),
    ...(instance !== undefined && { instance: [instance] }),
    ...(dag !== undefined && { dag_id: [dag] }),
    ...(rejected === true && { outcome: "rejected" as const }),
  };
  const rows: Received[] = [];
  for await (const row of session.client.items("listReports", { query })) if (rows.push(row) >= limit) break;
  await session.output.list({ columns: receivedColumns, rows, nameOf: (row) => row.id });
});
