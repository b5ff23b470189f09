import type { StepEnd } from "@airfleet/server/local";
import type { Command } from "commander";
import { EXIT } from "../failure/exit-codes.ts";
import { type Column, toneOf } from "../output/listing.ts";
import { addConfigurationOptions } from "../program/configuration-options.ts";
import { examples } from "../program/noun.ts";
import { act } from "../session/act.ts";
import { type ConfigurationOptions, toConfigurationSource } from "../session/configuration-source.ts";
import { readDocument } from "../session/read-document.ts";
import { parseParam } from "./executions.ts";
import { type Finding, findingColumns } from "./pipeline-columns.ts";

interface RunOptions extends ConfigurationOptions {
  readonly param?: Readonly<Record<string, unknown>>;
  readonly to?: string;
  readonly logs: boolean;
}

const number = (value: number | undefined): string => (value === undefined ? "" : String(value));

const columns: readonly Column<StepEnd>[] = [
  { header: "STEP", text: ({ task }) => task.taskId },
  { header: "STATE", text: ({ task }) => task.state, tone: ({ task }) => toneOf(task.state) },
  { header: "ROWS IN", text: ({ result }) => number(result?.rows_in) },
  { header: "ROWS OUT", text: ({ result }) => number(result?.rows_out) },
  { header: "SECONDS", text: ({ task }) => task.durationSeconds?.toFixed(2) ?? "" },
];

const run = act<RunOptions>(async ({ session, options, args: [file = ""] }) => {
  const { runPipelineFile } = await import("@airfleet/server/local");
  const { output } = session;
  const { judged, state, steps, seconds } = await runPipelineFile({
    source: toConfigurationSource(options),
    file: await readDocument(file),
    params: options.param ?? {},
    ...(options.to === undefined ? {} : { to: options.to }),
    onLog: (step, { level, text }) => {
      if (options.logs) output.note(`${step} ${level ?? "info"} ${text}`);
    },
  });
  for (const { file: folder, reason } of judged.refused) output.warn(`${folder} is no module: ${reason}`);
  if (state === null) {
    const rows: readonly Finding[] = judged.validation.errors.map((one) => ({ ...one, severity: "error" }));
    await output.list({ columns: findingColumns, rows, nameOf: ({ type }) => type });
    return EXIT.usage;
  }
  await output.list({ columns, rows: steps, nameOf: ({ task }) => task.taskId });
  output.note(`${state} after ${seconds.toFixed(2)} s.`);
  return state === "success" ? EXIT.ok : EXIT.failure;
});

/** `airfleet pipelines run`: a file, on this machine, without a server. */
export const addPipelineRunCommand = (noun: Command): void => {
  addConfigurationOptions(
    noun
      .command("run <file>")
      .description(
        "Run a pipeline from a file on this machine, to its end; exit code 1 when it failed, 2 when it is wrong",
      )
      .option("--param <name=value>", "a parameter, as often as needed; values are JSON where they are", parseParam)
      .option("--to <node>", "only this node and those that it needs")
      .option("--no-logs", "do not show what steps write"),
  )
    .addHelpText(
      "after",
      examples(
        "pipelines run ./orders.json",
        "pipelines run ./orders.json --param day=2026-11-20 --to filter-1",
        "pipelines run ./orders.json --no-logs -o json",
      ),
    )
    .action(run);
};
