import { existsSync } from "node:fs";
import type { Client } from "@airfleet/sdk";
import type { Command } from "commander";
import { usageFailure } from "../failure/cli-failure.ts";
import { EXIT } from "../failure/exit-codes.ts";
import { addConfigurationOptions } from "../program/configuration-options.ts";
import { examples } from "../program/noun.ts";
import { parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import { type ConfigurationOptions, toConfigurationSource } from "../session/configuration-source.ts";
import { readDocument } from "../session/read-document.ts";
import type { Session } from "../session/session.ts";
import { type Finding, findingColumns } from "./pipeline-columns.ts";

type Validation = Awaited<ReturnType<Client["validatePipeline"]>>;
type Artifact = Awaited<ReturnType<Client["compilePipeline"]>>;
type Target = Artifact["target"];

const TARGETS: readonly string[] = ["plan", "airflow", "embedded"] satisfies readonly Target[];

const isTarget = (text: string): text is Target => TARGETS.includes(text);

/** A file that is there, else the id of a pipeline. */
const isFile = (given: string): boolean => given === "-" || (/[./\\]/.test(given) && existsSync(given));

const show = async ({ output }: Session, { valid, errors, warnings }: Validation): Promise<void> => {
  const rows: readonly Finding[] = [
    ...errors.map((one) => ({ ...one, severity: "error" })),
    ...warnings.map((one) => ({ ...one, severity: "warning" })),
  ];
  if (rows.length > 0 || output.format !== "table") {
    await output.list({ columns: findingColumns, rows, nameOf: ({ type }) => type });
  }
  const count = `${errors.length} ${errors.length === 1 ? "error" : "errors"}, ${warnings.length} ${warnings.length === 1 ? "warning" : "warnings"}`;
  output.note(valid ? `Valid: ${count}.` : `Not valid: ${count}.`);
};

const judge = async (file: string, options: ConfigurationOptions, target: Target, session: Session) => {
  const { judgePipelineFile } = await import("@airfleet/server/local");
  const judged = await judgePipelineFile(toConfigurationSource(options), await readDocument(file), target);
  for (const { file: folder, reason } of judged.refused) session.output.warn(`${folder} is no module: ${reason}`);
  return judged;
};

const validate = act<ConfigurationOptions & { readonly server?: boolean }>(async ({ session, options, args }) => {
  const [given = ""] = args;
  const check = async (): Promise<Validation> => {
    if (!isFile(given)) return session.client.validatePipeline({ params: { pipeline: given }, body: {} });
    if (session.isServerGiven) {
      const { format: _format, ...body } = await readDocument(given);
      return session.client.validatePipelineConfig({ body });
    }
    return (await judge(given, options, "plan", session)).validation;
  };
  const validation = await check();
  await show(session, validation);
  return validation.valid ? EXIT.ok : EXIT.failure;
});

interface CompileOptions extends ConfigurationOptions {
  readonly target: string;
  readonly revision?: number;
}

const compile = act<CompileOptions>(async ({ session, options, args: [given = ""] }) => {
  const { target, revision } = options;
  if (!isTarget(target)) throw usageFailure(`"${target}" is no target.`, `Choose one of: ${TARGETS.join(", ")}.`);
  const make = async (): Promise<Artifact | undefined> => {
    if (!isFile(given)) {
      const query = { target, ...(revision === undefined ? {} : { revision }) };
      return session.client.compilePipeline({ params: { pipeline: given }, query });
    }
    const { validation, artifact } = await judge(given, options, target, session);
    if (artifact === null) await show(session, validation);
    return artifact ?? undefined;
  };
  const artifact = await make();
  if (artifact === undefined) return EXIT.failure;
  if (session.output.format === "table") session.output.text(artifact.text);
  else await session.output.show(artifact, [], artifact.name);
  for (const { message, fix } of artifact.report) session.output.note(`${message} ${fix}`);
  session.output.note(`${artifact.name}: sha256 ${artifact.hash}`);
  return EXIT.ok;
});

/** `airfleet pipelines validate` and `compile`, which take a stored pipeline or a file. */
export const addPipelineFileCommands = (noun: Command): void => {
  addConfigurationOptions(
    noun
      .command("validate <pipeline>")
      .description("Say everything that is wrong with a stored pipeline, or with one in a file (no server is needed)"),
  )
    .addHelpText(
      "after",
      examples("pipelines validate 3b9c1f0e-5a44-4d0b-9d6e-0c2f4f6c7a11", "pipelines validate ./orders.json -o json"),
    )
    .action(validate);
  addConfigurationOptions(
    noun
      .command("compile <pipeline>")
      .description("Print the file or plan that engines run, of a stored pipeline or of one in a file")
      .option("--target <engine>", `one of ${TARGETS.join(", ")}`, "plan")
      .option("--revision <n>", "an older version of a stored pipeline", parseWhole(1, Number.MAX_SAFE_INTEGER)),
  )
    .addHelpText(
      "after",
      examples(
        "pipelines compile 3b9c1f0e-5a44-4d0b-9d6e-0c2f4f6c7a11 --target airflow",
        "pipelines compile ./orders.json --target airflow -q > dag.py",
      ),
    )
    .action(compile);
};
