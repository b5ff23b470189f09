import type { Client } from "@airfleet/sdk";
import type { Command } from "commander";
import { examples } from "../program/noun.ts";
import { parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import { pipelineFields, versionColumns } from "./pipeline-columns.ts";

type Difference = Awaited<ReturnType<Client["diffPipeline"]>>;
type Drawn = Difference["nodes"];

const ID = "3b9c1f0e-5a44-4d0b-9d6e-0c2f4f6c7a11";
const parseRevision = parseWhole(1, Number.MAX_SAFE_INTEGER);

const versions = act(async ({ session, args: [pipeline = ""] }) => {
  const rows = await Array.fromAsync(session.client.items("listPipelineVersions", { params: { pipeline } }));
  await session.output.list({ columns: versionColumns, rows, nameOf: (row) => String(row.revision) });
});

interface Line {
  readonly change: string;
  readonly what: string;
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

const shown = (value: unknown): string => (value === undefined ? "" : JSON.stringify(value));

const linesOf = (kind: string, { added, removed, changed }: Drawn): readonly Line[] => {
  const whole = (change: string, id: string): Line => ({
    change,
    what: `${kind} ${id}`,
    field: "",
    before: "",
    after: "",
  });
  return [
    ...added.map((id) => whole("+", id)),
    ...removed.map((id) => whole("-", id)),
    ...changed.flatMap(({ id, fields }) =>
      fields.map(({ field, before, after }) => ({
        ...whole("~", id),
        field,
        before: shown(before),
        after: shown(after),
      })),
    ),
  ];
};

const diff = act<{ readonly from?: number; readonly to?: number }>(
  async ({ session, options, args: [pipeline = ""] }) => {
    const { from, to } = options;
    const query = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    const found = await session.client.diffPipeline({ params: { pipeline }, query });
    if (session.output.format === "json" || session.output.format === "yaml") {
      await session.output.show(found, [], pipeline);
      return;
    }
    const fields = found.fields.map(({ field, before, after }) => ({
      change: "~",
      what: "pipeline",
      field,
      before: shown(before),
      after: shown(after),
    }));
    await session.output.list<Line>({
      columns: [
        {
          header: "",
          text: (row) => row.change,
          tone: (row) => (row.change === "+" ? "good" : row.change === "-" ? "bad" : "plain"),
        },
        { header: "WHAT", text: (row) => row.what },
        { header: "FIELD", text: (row) => row.field },
        { header: "BEFORE", text: (row) => row.before },
        { header: "AFTER", text: (row) => row.after },
      ],
      rows: [...linesOf("node", found.nodes), ...linesOf("edge", found.edges), ...fields],
      nameOf: (row) => row.what,
    });
    session.output.note(
      `Revision ${found.from} to ${found.to}: engines will ${found.plan_changed ? "run something else" : "run the same"}.`,
    );
  },
);

const restore = act<{ readonly note?: string }>(async ({ session, options, args: [pipeline = "", revision = ""] }) => {
  const { note } = options;
  const restored = await session.client.restorePipeline({
    params: { pipeline },
    body: { revision: parseRevision(revision), ...(note === undefined ? {} : { note }) },
  });
  await session.output.show(restored, pipelineFields, restored.id);
});

/** `airfleet pipelines versions`, `diff` and `restore`. */
export const addPipelineVersionCommands = (noun: Command): void => {
  noun
    .command("versions <pipeline>")
    .description("List every change of a pipeline")
    .addHelpText("after", examples(`pipelines versions ${ID}`))
    .action(versions);
  noun
    .command("diff <pipeline>")
    .description("Compare two versions: nodes, edges and fields; without options the newest with the one before")
    .option("--from <revision>", "the older one", parseRevision)
    .option("--to <revision>", "the newer one", parseRevision)
    .addHelpText("after", examples(`pipelines diff ${ID}`, `pipelines diff ${ID} --from 1 --to 4 -o json`))
    .action(diff);
  noun
    .command("restore <pipeline> <revision>")
    .description("Make a new revision of an old one")
    .option("--note <text>", "why; kept with the version")
    .addHelpText("after", examples(`pipelines restore ${ID} 3`))
    .action(restore);
};
