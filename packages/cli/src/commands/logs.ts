import type { Client } from "@airfleet/sdk";
import type { Command } from "commander";
import { usageFailure } from "../failure/cli-failure.ts";
import { findFleetRun, namesRun } from "../fleet/find-fleet-run.ts";
import { findRunInstance } from "../fleet/find-run.ts";
import { toSafeLogLine } from "../output/plain-text.ts";
import { paint } from "../output/render-table.ts";
import type { Tone } from "../output/listing.ts";
import { examples } from "../program/noun.ts";
import { clientsOption, parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import type { Session } from "../session/session.ts";

type LogLine = Client["readLog"] extends (...args: never[]) => AsyncIterable<infer Line> ? Line : never;

const LEVEL_TONES: Readonly<Record<string, Tone>> = {
  debug: "faint",
  warning: "warning",
  error: "bad",
  critical: "bad",
};

const render = ({ at, level, text }: LogLine, hasColour: boolean): string => {
  const name = level === null ? "" : level.toUpperCase().padEnd(8);
  const shown = hasColour && level !== null ? paint(name, LEVEL_TONES[level] ?? "plain") : name;
  const start = [at, shown].filter((part) => part !== null && part !== "").join(" ");
  const safe = toSafeLogLine(text, hasColour);
  return start === "" ? `${safe}\n` : `${start} ${safe}\n`;
};

interface Options {
  readonly clients?: string;
  readonly try?: number;
  readonly mapIndex?: number;
  readonly follow?: boolean;
  readonly tail?: number;
}

const queryOf = (options: Options) => ({
  ...(options.try !== undefined && { try_number: options.try }),
  ...(options.mapIndex !== undefined && { map_index: options.mapIndex }),
  ...(options.follow === true && { follow: true }),
  ...(options.tail !== undefined && { tail: options.tail }),
});

/** The log of one task of a run that is named by itself. */
const openFleetLog = async (session: Session, word: string, task_id: string, options: Options) => {
  const { id: run } = await findFleetRun(session, word);
  return session.client.readFleetRunLog({ params: { run, task_id }, query: queryOf(options) });
};

/** The logs of all tasks of a run that ran, one after the other. */
async function* readWholeRun(session: Session, word: string, options: Options): AsyncGenerator<LogLine> {
  const { id: run } = await findFleetRun(session, word);
  const { items } = await session.client.listFleetRunTasks({ params: { run } });
  for (const { task_id, map_index, try_number } of items) {
    if (try_number === 0) continue;
    const place = map_index < 0 ? task_id : `${task_id}[${map_index}]`;
    yield { at: null, level: null, source: null, text: `── ${place}, try ${options.try ?? try_number} ──` };
    const query = { ...queryOf(options), map_index };
    yield* session.client.readFleetRunLog({ params: { run, task_id }, query });
  }
}

const openLogs = async (
  session: Session,
  [first = "", second, third]: readonly string[],
  options: Options,
): Promise<AsyncIterable<LogLine>> => {
  if (third !== undefined) {
    const { id: instance } = await findRunInstance(session, { dagId: first, runId: second ?? "" }, options.clients);
    const params = { instance, dag_id: first, dag_run_id: second ?? "", task_id: third };
    return session.client.readLog({ params, query: queryOf(options) });
  }
  if (!namesRun(first)) {
    throw usageFailure(`"${first}" names no run.`, "Write logs <run> [task] or logs <dag> <run> <task>.");
  }
  if (second !== undefined) return openFleetLog(session, first, second, options);
  return readWholeRun(session, first, options);
};

const logs = act<Options>(async ({ session, options, args }) => {
  const { output } = session;
  const lines = await openLogs(session, args, options);
  switch (output.format) {
    case "json":
    case "yaml":
    case "csv":
    case "name": {
      const rows = await Array.fromAsync(lines);
      await output.list({
        columns: [
          { header: "AT", text: (row) => row.at },
          { header: "LEVEL", text: (row) => row.level },
          { header: "SOURCE", text: (row) => row.source },
          { header: "TEXT", text: (row) => row.text },
        ],
        rows,
        nameOf: (row) => toSafeLogLine(row.text, false),
      });
      return;
    }
    case "jsonl":
      for await (const line of lines) output.text(`${JSON.stringify(line)}\n`);
      return;
    case "table":
    case "wide":
      for await (const line of lines) output.text(render(line, output.hasColour));
      return;
    default:
      output.format satisfies never;
  }
});

/** `airfleet logs …` */
export const addLogsCommand = (program: Command): void => {
  program
    .command("logs <run> [run-or-task] [task]")
    .usage("[options] <run> [task] | <dag> <run> <task>")
    .description("Print the logs of a run, old or new; of all control sequences only colours get through")
    .addOption(clientsOption("the one that has the run"))
    .option("--try <n>", "this try (default: the newest)", parseWhole(1, 100_000))
    .option("--map-index <n>", "index of a mapped task", parseWhole(-1, 1_000_000))
    .option("--tail <n>", "only so many lines at the end", parseWhole(1, 10_000))
    .option("-f, --follow", "go on until the try has ended")
    .addHelpText(
      "after",
      examples(
        "logs eu-1/orders_daily/af_01",
        "logs eu-1/orders_daily/af_01 load --tail 50",
        "logs orders_daily af_01 load",
        "logs orders_daily af_01 load --follow",
        "logs orders_daily af_01 load --try 1 -o jsonl",
      ),
    )
    .action(logs);
};
