import type { Client, ItemOf } from "@airfleet/sdk";
import type { Command } from "commander";
import { EXIT } from "../failure/exit-codes.ts";
import { toSecondsText } from "../output/instant-text.ts";
import { type Column, toneOf } from "../output/listing.ts";
import { addNoun, examples } from "../program/noun.ts";
import { parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import { addReportKeyCommands } from "./report-keys.ts";
import { addReportSourceCommands } from "./report-sources.ts";
import { addWatchCommand } from "./watch-reports.ts";
import { receivedReports } from "./run-reports.ts";

type Report = ItemOf<"listRunReports">;
type Rejected = ItemOf<"listRejectedReports">;
type Reception = Awaited<ReturnType<Client["retryRejectedReport"]>>;

const reportColumns: readonly Column<Report>[] = [
  { header: "SENT", text: (row) => toSecondsText(row.sent_at) },
  { header: "KIND", text: (row) => row.kind, tone: (row) => (row.error ? "bad" : "plain") },
  { header: "TASK", text: (row) => row.task_id },
  { header: "TRY", text: (row) => row.try_number, alignRight: true },
  { header: "INDEX", text: (row) => row.map_index, alignRight: true, isWide: true },
  { header: "SOURCE", text: (row) => row.source, isWide: true },
  { header: "MESSAGE", text: (row) => JSON.stringify(row.message) },
];

const rejectedColumns: readonly Column<Rejected>[] = [
  { header: "ID", text: (row) => row.id },
  { header: "RECEIVED", text: (row) => toSecondsText(row.received_at) },
  { header: "SOURCE", text: (row) => row.source },
  { header: "INSTANCE", text: (row) => row.instance },
  { header: "CODE", text: (row) => row.code },
  { header: "TRIES", text: (row) => row.tries, alignRight: true },
  { header: "WHY", text: (row) => row.detail },
  { header: "BODY", text: (row) => row.body, isWide: true },
];

const receptionFields: readonly Column<Reception>[] = [
  { header: "OUTCOME", text: (row) => row.outcome, tone: (row) => toneOf(row.outcome) },
  { header: "INSTANCE", text: (row) => row.instance },
  { header: "DAG", text: (row) => row.dag_id },
  { header: "RUN", text: (row) => row.dag_run_id },
  { header: "WHY", text: (row) => row.detail },
];

const list = act<{ readonly limit: number }>(async ({ session, options: { limit }, args: [run = ""] }) => {
  const rows: Report[] = [];
  const query = { limit: Math.min(limit, 1_000) };
  for await (const row of session.client.items("listRunReports", { params: { run }, query })) {
    if (rows.push(row) >= limit) break;
  }
  await session.output.list({ columns: reportColumns, rows, nameOf: (row) => row.id });
});

const rejected = act<{ readonly limit: number }>(async ({ session, options: { limit } }) => {
  const rows: Rejected[] = [];
  const query = { limit: Math.min(limit, 1_000) };
  for await (const row of session.client.items("listRejectedReports", { query })) if (rows.push(row) >= limit) break;
  await session.output.list({ columns: rejectedColumns, rows, nameOf: (row) => row.id });
});

const retry = act<{ readonly all?: boolean }>(async ({ session, options: { all }, args: [report] }) => {
  const { client, output } = session;
  if (report === undefined && all !== true) {
    output.warn("airfleet: Name a rejected message, or give --all. See: airfleet reports rejected");
    return EXIT.usage;
  }
  if (report === undefined) {
    const outcome = await client.retryRejectedReports({}, { timeoutMs: 600_000 });
    await output.show(
      outcome,
      [
        { header: "TRIED", text: (it) => it.tried },
        { header: "ACCEPTED", text: (it) => it.accepted },
        { header: "REJECTED", text: (it) => it.rejected },
      ],
      String(outcome.accepted),
    );
    return outcome.rejected === 0 ? EXIT.ok : EXIT.failure;
  }
  const reception = await client.retryRejectedReport({ params: { report } });
  await output.show(reception, receptionFields, reception.outcome);
  return reception.outcome === "rejected" ? EXIT.failure : EXIT.ok;
});

const drop = act(async ({ session, args }) => {
  for (const report of args) {
    await session.client.dropRejectedReport({ params: { report } });
    session.output.note(`Dropped ${report}.`);
  }
});

/** `airfleet reports …` */
export const addReportCommands = (program: Command): void => {
  const noun = addNoun(
    program,
    "reports",
    "What tasks and callbacks told of runs, who may tell, and messages that could not be used",
  );
  addReportKeyCommands(noun);
  addWatchCommand(noun);
  addReportSourceCommands(noun);
  const limit = parseWhole(1, 1_000_000);
  noun
    .command("list <run>")
    .description("List what was said of a run (our id of it, run_…), oldest first")
    .option("--limit <n>", "at most this many", limit, 100)
    .addHelpText("after", examples("reports list run_4p5xq2m7…", "reports list run_4p5xq2m7… --json"))
    .action(list);
  noun
    .command("received")
    .description("List what was told of runs, newest first, with what could not be used among it")
    .option("--limit <n>", "at most this many", limit, 100)
    .option("--instance <id>", "only of this instance")
    .option("--dag <dag>", "only of this DAG")
    .option("--rejected", "only what could not be used")
    .addHelpText("after", examples("reports received", "reports received --instance eu-1 --dag orders_daily"))
    .action(receivedReports);
  noun
    .command("rejected")
    .description("List messages that could not be used, oldest first")
    .option("--limit <n>", "at most this many", limit, 100)
    .addHelpText("after", examples("reports rejected", "reports rejected -o wide"))
    .action(rejected);
  noun
    .command("retry [report]")
    .description("Try a rejected message again, or with --all every one; exit code 1 when some are rejected again")
    .option("--all", "every rejected message")
    .addHelpText("after", examples("reports retry rej_01jd…", "reports retry --all"))
    .action(retry);
  noun
    .command("drop <report...>")
    .description("Drop rejected messages")
    .addHelpText("after", examples("reports drop rej_01jd…"))
    .action(drop);
};
