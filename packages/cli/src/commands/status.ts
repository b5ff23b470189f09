import type { Client } from "@airfleet/sdk";
import type { Command } from "commander";
import { chooseInstances, type Instance, listAllInstances } from "../fleet/choose-instances.ts";
import { toSecondsText } from "../output/instant-text.ts";
import { type Column, toneOf } from "../output/listing.ts";
import { examples } from "../program/noun.ts";
import { clientsOption } from "../program/parse-options.ts";
import { act } from "../session/act.ts";

type Cell = Awaited<ReturnType<Client["listDags"]>>["items"][number]["cells"][number];

/** What an instance's DAGs add up to. */
interface Counts {
  dags: number;
  paused: number;
  broken: number;
  running: number;
  failed: number;
}

interface Row extends Readonly<Counts> {
  readonly instance: string;
  readonly state: Instance["status"]["state"];
  readonly version: string | null;
  readonly tier: string;
  readonly stale: boolean;
  readonly observed_at: string | null;
  readonly error: string | null;
}

const columns: readonly Column<Row>[] = [
  { header: "INSTANCE", text: (row) => row.instance },
  { header: "STATE", text: (row) => row.state, tone: (row) => toneOf(row.state) },
  { header: "VERSION", text: (row) => row.version },
  { header: "TIER", text: (row) => row.tier, tone: (row) => toneOf(row.tier) },
  { header: "DAGS", text: (row) => row.dags, alignRight: true },
  { header: "PAUSED", text: (row) => row.paused, alignRight: true },
  { header: "BROKEN", text: (row) => row.broken, alignRight: true, tone: (row) => (row.broken > 0 ? "bad" : "plain") },
  {
    header: "RUNNING",
    text: (row) => row.running,
    alignRight: true,
    tone: (row) => (row.running > 0 ? "busy" : "plain"),
  },
  { header: "FAILED", text: (row) => row.failed, alignRight: true, tone: (row) => (row.failed > 0 ? "bad" : "plain") },
  { header: "OBSERVED", text: (row) => toSecondsText(row.observed_at) },
  {
    header: "REMARK",
    text: (row) => [row.stale ? "stale" : "", row.error ?? ""].filter((part) => part !== "").join(" "),
  },
];

const count = (counts: Counts, cell: Cell): void => {
  counts.dags += 1;
  if (cell.is_paused) counts.paused += 1;
  if (cell.has_import_errors) counts.broken += 1;
  if (cell.last_run?.state === "running" || cell.last_run?.state === "queued") counts.running += 1;
  if (cell.last_run?.state === "failed") counts.failed += 1;
};

const status = act<{ readonly clients?: string }>(async ({ session, options: { clients } }) => {
  const instances = clients === undefined ? await listAllInstances(session) : await chooseInstances(session, clients);
  const counts = new Map<string, Counts>(
    instances.map(({ id }) => [id, { dags: 0, paused: 0, broken: 0, running: 0, failed: 0 }]),
  );
  const query = { limit: 1_000, ...(clients !== undefined && { instance: instances.map(({ id }) => id) }) };
  for await (const dag of session.client.items("listDags", { query })) {
    for (const cell of dag.cells) {
      const sum = counts.get(cell.instance);
      if (sum !== undefined) count(sum, cell);
    }
  }
  const rows = instances.map(
    ({ id, tier, status: { state, version, stale, dags_observed_at, error } }): Row => ({
      instance: id,
      state,
      version,
      tier,
      dags: 0,
      paused: 0,
      broken: 0,
      running: 0,
      failed: 0,
      ...counts.get(id),
      stale,
      observed_at: dags_observed_at,
      error: error === null ? null : `${error.code}: ${error.message}`,
    }),
  );
  await session.output.list({ columns, rows, nameOf: (row) => row.instance });
  const healthy = rows.filter((row) => row.state === "healthy").length;
  session.output.note(`${healthy} of ${rows.length} instances healthy.`);
});

/** `airfleet status` */
export const addStatusCommand = (program: Command): void => {
  program
    .command("status")
    .description("The fleet at a glance: health and DAGs of each instance, from what the server last read")
    .addOption(clientsOption("all"))
    .addHelpText("after", examples("status", "status --clients eu-1,eu-2 --json"))
    .action(status);
};
