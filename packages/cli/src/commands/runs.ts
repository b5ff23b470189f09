import type { ItemOf } from "@airfleet/sdk";
import { type Command, Option } from "commander";
import { describeFailure } from "../failure/describe-failure.ts";
import { combineExitCodes, EXIT } from "../failure/exit-codes.ts";
import { chooseDagTargets } from "../fleet/choose-dag-targets.ts";
import { findRuns } from "../fleet/find-run.ts";
import { gather } from "../fleet/gather.ts";
import { toDurationText, toSecondsText } from "../output/instant-text.ts";
import { type Column, toneOf } from "../output/listing.ts";
import { addNoun, examples } from "../program/noun.ts";
import { actOptions, clientsOption, collect, parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import { deleteRuns, setRunsState, stopRuns } from "./change-runs.ts";

type Run = ItemOf<"listRuns">;

const columns: readonly Column<Run>[] = [
  { header: "INSTANCE", text: (row) => row.instance },
  { header: "RUN", text: (row) => row.dag_run_id },
  { header: "STATE", text: (row) => row.state, tone: (row) => toneOf(row.state) },
  { header: "TYPE", text: (row) => row.run_type, isWide: true },
  { header: "LOGICAL DATE", text: (row) => toSecondsText(row.logical_date), isWide: true },
  { header: "STARTED", text: (row) => toSecondsText(row.started_at) },
  { header: "ENDED", text: (row) => toSecondsText(row.ended_at), isWide: true },
  { header: "DURATION", text: (row) => toDurationText(row.duration_seconds), alignRight: true },
  { header: "NOTE", text: (row) => row.note, isWide: true },
];

const fields: readonly Column<Run>[] = [
  { header: "DAG", text: (row) => row.dag_id },
  ...columns,
  { header: "ENGINE STATE", text: (row) => row.engine_state },
  { header: "TRIGGERED BY", text: (row) => row.triggered_by },
  { header: "CONF", text: (row) => JSON.stringify(row.conf) },
  { header: "UI", text: (row) => row.ui_url },
];

interface ListOptions {
  readonly clients?: string;
  readonly state?: readonly Run["state"][];
  readonly limit: number;
}

const list = act<ListOptions>(async ({ session, options, args: [dagId = ""] }) => {
  const { clients, state, limit } = options;
  const targets = await chooseDagTargets(session, dagId, clients);
  const read = await gather(targets, async ({ instance }) => {
    const query = { limit: Math.min(limit, 1_000), ...(state !== undefined && { state: [...state] }) };
    const runs: Run[] = [];
    for await (const run of session.client.items("listRuns", { params: { instance, dag_id: dagId }, query })) {
      if (runs.push(run) >= limit) break;
    }
    return runs;
  });
  await session.output.list({
    columns,
    rows: read.flatMap((one) => (one.ok ? one.answer : [])),
    nameOf: (row) => row.dag_run_id,
  });
  const codes = read.map((one) => {
    if (one.ok) return EXIT.ok;
    const { code, message, exitCode } = describeFailure(one.error);
    session.output.warn(`airfleet: ${one.item.instance}: ${code}: ${message}`);
    return exitCode;
  });
  return combineExitCodes(codes);
});

const show = act<{ readonly clients?: string }>(async ({ session, options, args: [dagId = "", runId = ""] }) => {
  const found = await findRuns(session, { dagId, runId }, options.clients);
  const [first, ...others] = found.map(({ run }) => run);
  if (first !== undefined && others.length === 0) await session.output.show(first, fields, first.dag_run_id);
  else await session.output.list({ columns, rows: found.map(({ run }) => run), nameOf: (row) => row.instance });
});

/** `airfleet runs …` */
export const addRunCommands = (program: Command): void => {
  const noun = addNoun(program, "runs", "Runs of DAGs, read from their instances now");
  noun
    .command("list <dag>")
    .description("List runs of a DAG, newest first")
    .addOption(clientsOption("all enabled that have it"))
    .addOption(new Option("--state <states>", "only in these states").argParser(collect))
    .option("--limit <n>", "at most this many per instance", parseWhole(1, 100_000), 25)
    .addHelpText(
      "after",
      examples(
        "runs list orders_daily",
        "runs list orders_daily --state failed,running --clients eu-1",
        "runs list orders_daily -o csv",
      ),
    )
    .action(list);
  noun
    .command("show <dag> <run>")
    .description("Show a run on every instance that has it")
    .addOption(clientsOption("all enabled"))
    .addHelpText("after", examples("runs show orders_daily manual__2026-11-20T03:00:00+00:00 --clients eu-1"))
    .action(show);
  const verbs = [
    noun
      .command("stop <dag> <run>")
      .description("Stop a run: fail it, and read back that no task is left running")
      .addHelpText(
        "after",
        examples("runs stop orders_daily af_01 --clients eu-1", "runs stop orders_daily af_01 --dry-run"),
      )
      .action(stopRuns),
    noun
      .command("delete <dag> <run>")
      .description("Delete a finished run with its task instances from its instance")
      .addHelpText("after", examples("runs delete orders_daily af_01 --clients eu-1 --yes"))
      .action(deleteRuns),
    noun
      .command("set-state <dag> <run> <state>")
      .description("Mark a run as success or failed, or queue it again")
      .addHelpText("after", examples("runs set-state orders_daily af_01 success --clients eu-1"))
      .action(setRunsState),
  ];
  for (const verb of verbs) {
    verb.addOption(clientsOption("all enabled that have it"));
    for (const option of actOptions()) verb.addOption(option);
  }
};
