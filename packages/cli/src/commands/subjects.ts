import type { CallInput, Client, ItemOf } from "@airfleet/sdk";
import { type Command, Option } from "commander";
import { confirmLoss } from "../fleet/confirm-production.ts";
import { toSecondsText } from "../output/instant-text.ts";
import { type Column, toneOf } from "../output/listing.ts";
import { addNoun, examples } from "../program/noun.ts";
import { clientsOption, collect, parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import { addSubjectRuleCommands } from "./subject-rules.ts";

type Subject = ItemOf<"listSubjects">;
type Run = ItemOf<"listSubjectRuns">;
type Query = NonNullable<CallInput<"listSubjects">["query"]>;

const lastEnd = (run: Subject["last_success"]): string | null => toSecondsText(run?.ended_at ?? run?.due_at);

const columns: readonly Column<Subject>[] = [
  { header: "TYPE", text: (row) => row.type },
  { header: "ID", text: (row) => row.id },
  { header: "LABEL", text: (row) => row.label },
  { header: "STATE", text: (row) => row.state_word ?? row.state, tone: (row) => toneOf(row.state) },
  { header: "LAST SUCCESS", text: (row) => lastEnd(row.last_success) },
  { header: "LAST FAILURE", text: (row) => lastEnd(row.last_failure), isWide: true },
  { header: "RUNS", text: (row) => row.counts.total, alignRight: true },
  { header: "FAILED", text: (row) => row.counts.failed, alignRight: true, isWide: true },
  { header: "URL", text: (row) => row.url, isWide: true },
];

const runText = (run: Subject["last_success"]): string | null =>
  run === null ? null : `${run.instance} ${run.dag_id} ${run.dag_run_id} (${run.id})`;

const fields: readonly Column<Subject>[] = [
  ...columns.map((column) => ({ ...column, isWide: false })),
  { header: "SUCCEEDED IN", text: (row) => runText(row.last_success) },
  { header: "RUNNING IN", text: (row) => runText(row.current_run) },
  { header: "FAILED IN", text: (row) => runText(row.last_failure) },
  { header: "WAITING TRIGGERS", text: (row) => row.pending_triggers.join(" ") },
];

const runColumns: readonly Column<Run>[] = [
  { header: "INSTANCE", text: (row) => row.instance },
  { header: "DAG", text: (row) => row.dag_id },
  { header: "RUN", text: (row) => row.dag_run_id },
  { header: "STATE", text: (row) => row.state_word ?? row.state, tone: (row) => toneOf(row.state) },
  { header: "STARTED", text: (row) => toSecondsText(row.started_at) },
  { header: "ENDED", text: (row) => toSecondsText(row.ended_at), isWide: true },
  { header: "ID", text: (row) => row.id, isWide: true },
  { header: "UI", text: (row) => row.ui_url, isWide: true },
];

interface ListOptions {
  readonly type?: string;
  readonly state?: Query["state"];
  readonly text?: string;
  /** What `--no-success-for` was given: the parser takes the `no` away, and sets true when it is absent. */
  readonly successFor?: string | boolean;
  readonly clients?: string;
  readonly words?: string;
  readonly limit: number;
}

const toIds = (clients: string | undefined): readonly string[] | undefined =>
  clients === undefined ? undefined : collect(clients, undefined);

const list = act<ListOptions>(async ({ session, options }) => {
  const { type, state, text, successFor, words, limit } = options;
  const instance = toIds(options.clients);
  const query = {
    limit: Math.min(limit, 1_000),
    ...(type !== undefined && { type }),
    ...(state !== undefined && { state }),
    ...(text !== undefined && { text }),
    ...(typeof successFor === "string" && { no_success_for: successFor }),
    ...(instance !== undefined && { instance: [...instance] }),
    ...(words !== undefined && { state_words: words }),
  };
  const rows: Subject[] = [];
  for await (const subject of session.client.items("listSubjects", { query })) {
    if (rows.push(subject) >= limit) break;
  }
  const whenEmpty =
    "Runs get subjects when they are asked for (airfleet trigger <dag> --subject <type/id>) or by a rule: airfleet subjects rules --help";
  await session.output.list({ columns, rows, nameOf: (row) => row.id, whenEmpty });
});

const wordsQuery = (words: string | undefined) => (words === undefined ? {} : { query: { state_words: words } });

const show = act<{ readonly words?: string }>(async ({ session, options, args: [type = "", id = ""] }) => {
  const found = await session.client.getSubject({ params: { type, id }, ...wordsQuery(options.words) });
  await session.output.show(found, fields, found.id);
});

const runs = act<ListOptions>(async ({ session, options, args: [type = "", id = ""] }) => {
  const { words, limit } = options;
  const instance = toIds(options.clients);
  const query = {
    limit: Math.min(limit, 1_000),
    ...(words !== undefined && { state_words: words }),
    ...(instance !== undefined && { instance: [...instance] }),
  };
  const rows: Run[] = [];
  for await (const run of session.client.items("listSubjectRuns", { params: { type, id }, query })) {
    if (rows.push(run) >= limit) break;
  }
  await session.output.list({ columns: runColumns, rows, nameOf: (row) => row.id });
});

interface DescribeOptions {
  readonly label?: string;
  readonly url?: string;
}

const describe = act<DescribeOptions>(async ({ session, options, args: [type = "", id = ""] }) => {
  const { label, url } = options;
  const described = await session.client.putSubject({
    params: { type, id },
    body: {
      ...(label !== undefined && { label: label === "" ? null : label }),
      ...(url !== undefined && { url: url === "" ? null : url }),
    },
  });
  await session.output.show(described, fields, described.id);
});

const remove = act<{ readonly yes?: boolean }>(async ({ session, options, args: [type = "", id = ""] }) => {
  await confirmLoss(session, `Forget ${type} "${id}" and its links? Its runs stay.`, options.yes === true);
  await session.client.deleteSubject({ params: { type, id } });
  session.output.note(`Forgot ${type} ${id}.`);
});

const link = act(async ({ session, args: [run = "", type = "", ...ids] }) => {
  const subjects = ids.map((id) => ({ type, id }));
  const answer: Awaited<ReturnType<Client["addRunSubjects"]>> = await session.client.addRunSubjects({
    params: { run },
    body: { subjects },
  });
  session.output.note(`Added ${answer.added}; the run has ${answer.subjects_total} subjects.`);
});

const unlink = act(async ({ session, args: [run = "", type = "", id = ""] }) => {
  await session.client.removeRunSubject({ params: { run, type, id } });
  session.output.note(`Took ${type} ${id} from ${run}.`);
});

const wordsOption = (): Option =>
  new Option("--words <table>", "show states in these words: airfleet, cinco, logidata, or queued=…,running=…");

/** `airfleet subjects …` */
export const addSubjectCommands = (program: Command): void => {
  const noun = addNoun(program, "subjects", "The business objects that runs are about");
  noun
    .command("list")
    .description("List objects with their last success and state")
    .option("--type <type>", "only of this type")
    .option("--state <states>", "only in these states, with commas between", collect)
    .option("--text <text>", "only with this in id or label")
    .option("--no-success-for <time>", "only those without a success for so long, such as 7d; longest first")
    .addOption(clientsOption("all"))
    .addOption(wordsOption())
    .option("--limit <n>", "rows at most", parseWhole(1, 100_000), 100)
    .addHelpText("after", examples("subjects list --type finding-aid", "subjects list --no-success-for 7d -o name"))
    .action(list);
  noun
    .command("show <type> <id>")
    .description("Show one object: last success, current run, last failure, counts")
    .addOption(wordsOption())
    .addHelpText(
      "after",
      examples("subjects show finding-aid ark:/13030/kt1b69q8d0", "subjects show finding-aid 123 --json"),
    )
    .action(show);
  noun
    .command("runs <type> <id>")
    .description("List the runs about an object on all instances, newest due first")
    .addOption(clientsOption("all"))
    .addOption(wordsOption())
    .option("--limit <n>", "rows at most", parseWhole(1, 100_000), 50)
    .addHelpText("after", examples("subjects runs finding-aid 123", "subjects runs finding-aid 123 --words cinco"))
    .action(runs);
  noun
    .command("describe <type> <id>")
    .description("Give an object a label and a link to its owner's page; an empty text takes it away")
    .option("--label <text>", "what people call it")
    .option("--url <url>", "its owner's page, http or https")
    .addHelpText("after", examples('subjects describe finding-aid 123 --label "Papers of A. Writer"'))
    .action(describe);
  noun
    .command("remove <type> <id>")
    .description("Forget an object and its links; its runs stay")
    .option("-y, --yes", "do not ask")
    .addHelpText("after", examples("subjects remove finding-aid 123 --yes"))
    .action(remove);
  noun
    .command("link <run> <type> <ids...>")
    .description("Say what a run is about")
    .addHelpText("after", examples("subjects link run_4p5xq2m7 finding-aid 123 124"))
    .action(link);
  noun
    .command("unlink <run> <type> <id>")
    .description("Take one object from a run")
    .addHelpText("after", examples("subjects unlink run_4p5xq2m7 finding-aid 123"))
    .action(unlink);
  addSubjectRuleCommands(noun);
};
