import type { ItemOf } from "@airfleet/sdk";
import type { Command } from "commander";
import { describeFailure } from "../failure/describe-failure.ts";
import { combineExitCodes, EXIT } from "../failure/exit-codes.ts";
import { chooseDagTargets } from "../fleet/choose-dag-targets.ts";
import { findRuns } from "../fleet/find-run.ts";
import { gather } from "../fleet/gather.ts";
import { toDurationText, toSecondsText } from "../output/instant-text.ts";
import { type Column, toneOf } from "../output/listing.ts";
import { addNoun, examples } from "../program/noun.ts";
import { actOptions, clientsOption, parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import { deleteRuns, setRunsState } from "./change-runs.ts";
import { makeStopCommand } from "./stop.ts";
import { listFleetRuns, observations, openRun, showFleetRun, watchRun } from "./fleet-runs.ts";
import { runReports } from "./run-reports.ts";
import { addRunFilters, needsFleet, type RunFilters } from "./run-filters.ts";
import { watchFleetRuns } from "./watch-runs.ts";

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

interface ListOptions extends RunFilters {
  readonly remembered?: boolean;
  readonly watch?: boolean;
}

const list = act<ListOptions>(async ({ session, options, args: [dagId] }) => {
  const { remembered = false, watch = false, ...filters } = options;
  if (watch) return watchFleetRuns(session, dagId, filters);
  if (dagId === undefined || remembered || needsFleet(filters)) return listFleetRuns(session, dagId, filters);
  const { clients, state, limit } = filters;
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

interface ShowOptions {
  readonly clients?: string;
  readonly live?: boolean;
}

const show = act<ShowOptions>(async ({ session, options, args: [dagId = "", runId] }) => {
  if (runId === undefined) return showFleetRun(session, dagId, options.live === true);
  const found = await findRuns(session, { dagId, runId }, options.clients);
  const [first, ...others] = found.map(({ run }) => run);
  if (first !== undefined && others.length === 0) await session.output.show(first, fields, first.dag_run_id);
  else await session.output.list({ columns, rows: found.map(({ run }) => run), nameOf: (row) => row.instance });
});

/** `airfleet runs …` */
export const addRunCommands = (program: Command): void => {
  const noun = addNoun(program, "runs", "Runs of the fleet, and of DAGs on their instances");
  const listing = noun
    .command("list [dag]")
    .description("List runs: of a DAG from its instances now, or with any other filter what the fleet remembers")
    .addOption(clientsOption("all"))
    .option("--remembered", "of a DAG too what the fleet remembers, not its instances now")
    .option("-w, --watch", "go on until you stop it: a line for each run that comes or changes its state");
  addRunFilters(listing)
    .addHelpText(
      "after",
      examples(
        "runs list orders_daily",
        "runs list --no-later-success --due-from 7d",
        'runs list --selector "instance=eu-* tag=tier1 state=failed"',
        "runs list --subject finding-aid/123 -o wide",
        "runs list --conf collection_id=42 --min-duration 10m",
        "runs list --state running,failed --watch",
        "runs list orders_daily --state failed,running --clients eu-1",
        "runs list orders_daily -o csv",
      ),
    )
    .action(list);
  noun
    .command("show <run> [engine-run]")
    .description("Show a run: by our id, by instance/dag/run, or by DAG and the engine's run id wherever it is")
    .addOption(clientsOption("all enabled"))
    .option("--live", "read it from its engine first")
    .addHelpText(
      "after",
      examples(
        "runs show eu-1/orders_daily/manual__2026-11-20T03:00:00+00:00 --live",
        "runs show orders_daily manual__2026-11-20T03:00:00+00:00 --clients eu-1",
      ),
    )
    .action(show);
  noun
    .command("observations <run>")
    .description("Show what was observed of a run, oldest first")
    .addHelpText("after", examples("runs observations eu-1/orders_daily/af_01"))
    .action(observations);
  noun
    .command("reports <run>")
    .description("List what was reported of a run, oldest first")
    .option("--limit <n>", "at most this many", parseWhole(1, 1_000_000), 100)
    .addHelpText("after", examples("runs reports eu-1/orders_daily/af_01"))
    .action(runReports);
  noun
    .command("watch <run>")
    .description("Print each change of a run until it has ended; fails when the run did")
    .addHelpText("after", examples("runs watch eu-1/orders_daily/af_01"))
    .action(watchRun);
  noun
    .command("open <run>")
    .description("Print where the engine's own UI shows a run, a task or a try")
    .option("--task <task>", "a task of it")
    .option("--try <n>", "a try of the task", parseWhole(1, 100_000))
    .option("--map-index <n>", "index of a mapped task", parseWhole(-1, 1_000_000))
    .addHelpText("after", examples("runs open eu-1/orders_daily/af_01 --task load --try 2"))
    .action(openRun);
  makeStopCommand(noun.command("stop [dag-or-run] [run]"), "runs stop");
  const verbs = [
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
