import type { CallInput } from "@airfleet/sdk";
import type { Command } from "commander";
import { confirmLoss } from "../fleet/confirm-production.ts";
import { addNoun, examples } from "../program/noun.ts";
import { addExecuteCommand } from "./executions.ts";
import { collect, parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import { readDocument } from "../session/read-document.ts";
import { pipelineColumns, pipelineFields } from "./pipeline-columns.ts";
import { addPipelineFileCommands } from "./pipeline-files.ts";
import { addPipelineRunCommand } from "./pipeline-run.ts";
import { addPipelineVersionCommands } from "./pipeline-versions.ts";

type PipelineBody = NonNullable<CallInput<"createPipeline">["body"]>;
type PatchBody = NonNullable<CallInput<"patchPipeline">["body"]>;
type FileBody = NonNullable<CallInput<"importPipeline">["body"]>;

const ID = "3b9c1f0e-5a44-4d0b-9d6e-0c2f4f6c7a11";

interface ListOptions {
  readonly search?: string;
  readonly tag?: readonly string[];
  readonly status?: readonly string[];
  readonly owner?: string;
  readonly module?: readonly string[];
  readonly connection?: readonly string[];
  readonly limit?: number;
}

const joined = (name: string, values: readonly string[] | undefined) =>
  values === undefined ? {} : { [name]: values.join(",") };

const list = act<ListOptions>(async ({ session, options }) => {
  const { search, tag, status, owner, module, connection, limit } = options;
  const query = {
    ...(search === undefined ? {} : { search }),
    ...(owner === undefined ? {} : { owner }),
    ...joined("tag", tag),
    ...joined("status", status),
    ...joined("module", module),
    ...joined("connection", connection),
  };
  const rows = [];
  for await (const row of session.client.items("listPipelines", { query })) {
    rows.push(row);
    if (rows.length === limit) break;
  }
  const whenEmpty = "Create one with: airfleet pipelines create -f <file>";
  await session.output.list({ columns: pipelineColumns, rows, nameOf: (row) => row.id, whenEmpty });
});

const show = act(async ({ session, args: [pipeline = ""] }) => {
  const found = await session.client.getPipeline({ params: { pipeline } });
  await session.output.show(found, pipelineFields, found.id);
});

interface FileOptions {
  readonly file: string;
  readonly note?: string;
}

const withNote = (body: Record<string, unknown>, note: string | undefined): Record<string, unknown> =>
  note === undefined ? body : { ...body, note };

const create = act<FileOptions>(async ({ session, options }) => {
  // What it must hold is checked by the server.
  const body = withNote(await readDocument(options.file), options.note) as unknown as PipelineBody;
  const made = await session.client.createPipeline({ body });
  await session.output.show(made, pipelineFields, made.id);
  if (made.plan_hash === null) session.output.warn(`It does not compile yet: airfleet pipelines validate ${made.id}`);
});

const update = act<FileOptions>(async ({ session, options, args: [pipeline = ""] }) => {
  const { revision } = await session.client.getPipeline({ params: { pipeline } });
  const body = withNote(await readDocument(options.file), options.note) as unknown as PatchBody;
  const changed = await session.client.patchPipeline({ params: { pipeline }, body }, { ifMatch: revision });
  await session.output.show(changed, pipelineFields, changed.id);
  if (changed.revision === revision) session.output.note("Nothing was changed.");
});

const remove = act<{ readonly yes?: boolean }>(async ({ session, options, args: [pipeline = ""] }) => {
  const found = await session.client.getPipeline({ params: { pipeline } });
  const question = `Remove pipeline "${found.name}"? What of it is deployed is taken away.`;
  await confirmLoss(session, question, options.yes === true);
  await session.client.deletePipeline({ params: { pipeline } }, { ifMatch: found.revision });
  session.output.note(`Removed ${found.name}.`);
});

const duplicate = act<{ readonly name?: string }>(async ({ session, options, args: [pipeline = ""] }) => {
  const body = options.name === undefined ? {} : { name: options.name };
  const made = await session.client.duplicatePipeline({ params: { pipeline }, body });
  await session.output.show(made, pipelineFields, made.id);
});

const exportOne = act(async ({ session, args: [pipeline = ""] }) => {
  const file = await session.client.exportPipeline({ params: { pipeline } });
  if (session.output.format === "table") session.output.text(`${JSON.stringify(file, null, 2)}\n`);
  else await session.output.show(file, [], file.id);
});

const importOne = act<FileOptions & { readonly onConflict: "copy" | "replace" | "fail" }>(
  async ({ session, options }) => {
    const body = (await readDocument(options.file)) as unknown as FileBody;
    const made = await session.client.importPipeline({ query: { on_conflict: options.onConflict }, body });
    await session.output.show(made, pipelineFields, made.id);
  },
);

/** `airfleet pipelines …` */
export const addPipelineCommands = (program: Command): void => {
  const noun = addNoun(
    program,
    "pipelines",
    "Pipelines: nodes and edges, checked, compiled and kept with every version",
  );
  addExecuteCommand(noun);
  noun
    .command("list")
    .description("List pipelines, newest first")
    .option("--search <text>", "part of the name, the description or a tag")
    .option("--tag <tags>", "with each of these", collect)
    .option("--status <states>", "draft, active, paused or archived", collect)
    .option("--owner <name>", "of this owner")
    .option("--module <names>", "with a node of each of these modules", collect)
    .option("--connection <ids>", "with a node that uses each of these connections", collect)
    .option("--limit <n>", "at most so many", parseWhole(1, 100_000))
    .addHelpText("after", examples("pipelines list", "pipelines list --tag orders --status active -o wide"))
    .action(list);
  noun
    .command("show <pipeline>")
    .description("Show one pipeline")
    .addHelpText("after", examples(`pipelines show ${ID}`, `pipelines show ${ID} -o json`))
    .action(show);
  noun
    .command("create")
    .description("Create a pipeline from a file: name, config with nodes and edges, and whatever else it has")
    .requiredOption("-f, --file <file>", "in YAML or JSON; - reads stdin")
    .option("--note <text>", "why; kept with the version")
    .addHelpText("after", examples("pipelines create --file orders.json"))
    .action(create);
  noun
    .command("edit <pipeline>")
    .alias("update")
    .description("Change what a file says of a pipeline; the rest stays")
    .requiredOption("-f, --file <file>", "in YAML or JSON; - reads stdin")
    .option("--note <text>", "why; kept with the version")
    .addHelpText("after", examples(`pipelines edit ${ID} --file orders.json --note "other folder"`))
    .action(update);
  noun
    .command("delete <pipeline>")
    .alias("remove")
    .description("Remove a pipeline")
    .option("-y, --yes", "do not ask")
    .addHelpText("after", examples(`pipelines delete ${ID} --yes`))
    .action(remove);
  noun
    .command("duplicate <pipeline>")
    .description("Copy a pipeline: a draft in no environment, whose schedule is off")
    .option("--name <name>", "of the copy")
    .addHelpText("after", examples(`pipelines duplicate ${ID} --name "Orders, trial"`))
    .action(duplicate);
  addPipelineFileCommands(noun);
  addPipelineRunCommand(noun);
  addPipelineVersionCommands(noun);
  noun
    .command("export <pipeline>")
    .description("Print a pipeline as a file that can be imported elsewhere")
    .addHelpText("after", examples(`pipelines export ${ID} > orders.json`))
    .action(exportOne);
  noun
    .command("import")
    .description("Create a pipeline from an exported file, or one that an editor made")
    .requiredOption("-f, --file <file>", "in YAML or JSON; - reads stdin")
    .option("--on-conflict <what>", "when its id is taken: copy, replace or fail", "copy")
    .addHelpText("after", examples("pipelines import --file orders.json --on-conflict replace"))
    .action(importOne);
};
