import type { Client } from "@airfleet/sdk";
import type { Command } from "commander";
import { findRunInstance } from "../fleet/find-run.ts";
import { toSafeLogLine } from "../output/plain-text.ts";
import { paint } from "../output/render-table.ts";
import type { Tone } from "../output/listing.ts";
import { examples } from "../program/noun.ts";
import { clientsOption, parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";

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
}

const logs = act<Options>(async ({ session, options, args: [dagId = "", runId = "", task_id = ""] }) => {
  const { output } = session;
  const { id: instance } = await findRunInstance(session, { dagId, runId }, options.clients);
  const lines = session.client.readLog({
    params: { instance, dag_id: dagId, dag_run_id: runId, task_id },
    query: {
      ...(options.try !== undefined && { try_number: options.try }),
      ...(options.mapIndex !== undefined && { map_index: options.mapIndex }),
      ...(options.follow === true && { follow: true }),
    },
  });
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
    .command("logs <dag> <run> <task>")
    .description("Print the log of a task; of all control sequences only colours get through")
    .addOption(clientsOption("the one that has the run"))
    .option("--try <n>", "this try (default: the newest)", parseWhole(1, 100_000))
    .option("--map-index <n>", "index of a mapped task", parseWhole(-1, 1_000_000))
    .option("-f, --follow", "go on until the try has ended")
    .addHelpText(
      "after",
      examples(
        "logs orders_daily af_01 load",
        "logs orders_daily af_01 load --follow",
        "logs orders_daily af_01 load --try 1 -o jsonl",
      ),
    )
    .action(logs);
};
