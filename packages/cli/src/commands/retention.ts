import type { CallInput, Client, ItemOf } from "@airfleet/sdk";
import type { Command } from "commander";
import { toSecondsText } from "../output/instant-text.ts";
import { type Column, toneOf } from "../output/listing.ts";
import { addPutCommand, addRemoveCommand } from "../program/definition-commands.ts";
import { addNoun, examples } from "../program/noun.ts";
import { collect, parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import { readDocument } from "../session/read-document.ts";
import type { Session } from "../session/session.ts";

type Policy = ItemOf<"listRetentionPolicies">;
type Preview = Awaited<ReturnType<Client["previewRetention"]>>;
type Sample = Preview["samples"][number];
type PolicyBody = CallInput<"putRetentionPolicy">["body"];

const ruleText = ({ policy: { rule } }: Policy): string => {
  if (rule.keep === "last_n") return `last_n ${rule.n}`;
  return rule.keep === "failures_days" ? `failures_days ${rule.days}` : rule.keep;
};

const columns: readonly Column<Policy>[] = [
  { header: "ID", text: (row) => row.id },
  {
    header: "STATE",
    text: (row) => (row.policy.enabled ? "on" : "off"),
    tone: (row) => (row.policy.enabled ? "plain" : "faint"),
  },
  { header: "SUBJECT TYPE", text: (row) => row.policy.scope.subject_type ?? "*" },
  { header: "DAG", text: (row) => row.policy.scope.dag ?? "*" },
  { header: "INSTANCE", text: (row) => row.policy.scope.instance ?? "*" },
  { header: "KEEPS", text: ruleText },
  { header: "DESCRIPTION", text: (row) => row.policy.description, isWide: true },
];

const list = act(async ({ session }) => {
  const rows = await Array.fromAsync(session.client.items("listRetentionPolicies", {}));
  const whenEmpty = "Without a policy every run is kept. Add one with: airfleet retention put <id> -f <file>";
  await session.output.list({ columns, rows, nameOf: (row) => row.id, whenEmpty });
});

const fields: readonly Column<Policy>[] = [
  ...columns.map((column) => ({ ...column, isWide: false })),
  { header: "VERSION", text: (row) => row.version },
];

const show = act(async ({ session, args: [policy = ""] }) => {
  const found = await session.client.getRetentionPolicy({ params: { policy } });
  await session.output.show(found, fields, found.id);
});

const kind = {
  argument: "policy",
  example: "finding-aids",
  read: ({ client }: Session, policy: string) => client.getRetentionPolicy({ params: { policy } }),
};

const reasonText = ({ reasons, reasons_total: total }: Sample): string => {
  const named = reasons.map(({ policy, subject }) =>
    subject === null ? `${policy} (its DAG)` : `${policy} (${subject.type}/${subject.id})`,
  );
  return total > named.length ? `${named.join(", ")} and ${total - named.length} more` : named.join(", ");
};

const sampleColumns: readonly Column<Sample>[] = [
  { header: "INSTANCE", text: (row) => row.instance },
  { header: "DAG", text: (row) => row.dag_id },
  { header: "RUN", text: (row) => row.dag_run_id },
  { header: "STATE", text: (row) => row.state, tone: (row) => toneOf(row.state) },
  { header: "DUE", text: (row) => toSecondsText(row.due_at) },
  { header: "NEEDED NO MORE BY", text: reasonText },
];

interface PreviewOptions {
  readonly file?: string;
  readonly as?: string;
  readonly clients?: readonly string[];
  readonly maxRuns: number;
  readonly samples: number;
}

const preview = act<PreviewOptions>(async ({ session, options }) => {
  const { file, as, clients, maxRuns, samples } = options;
  const answer = await session.client.previewRetention({
    body: {
      max_runs: maxRuns,
      samples,
      ...(file !== undefined && { policy: (await readDocument(file)) as PolicyBody }),
      ...(as !== undefined && { policy_id: as }),
      ...(clients !== undefined && { instances: [...clients] }),
    },
  });
  if (session.output.format === "json" || session.output.format === "yaml") {
    await session.output.show(answer, [], "");
    return;
  }
  await session.output.list({ columns: sampleColumns, rows: answer.samples, nameOf: (row) => row.run });
  const { looked_at: looked, would_go: gone, is_partial: isPartial } = answer;
  session.output.note(
    `${looked} runs looked at${isPartial ? " (not all: see --max-runs)" : ""}, ${gone} would go. Nothing was changed.`,
  );
});

const sweep = act(async ({ session }) => {
  await session.client.sweepRetention({});
  session.output.note("The sweep goes on in the background of the server; see `airfleet retention status`.");
});

type Status = Awaited<ReturnType<Client["getRetentionStatus"]>>;

const statusFields: readonly Column<Status>[] = [
  { header: "STARTED", text: ({ last_sweep: last }) => toSecondsText(last?.started_at) },
  { header: "FINISHED", text: ({ last_sweep: last }) => toSecondsText(last?.finished_at) },
  { header: "LOOKED AT", text: ({ last_sweep: last }) => last?.looked_at },
  { header: "REMOVED", text: ({ last_sweep: last }) => last?.removed },
  { header: "RUNNING SINCE", text: ({ running_sweep: running }) => toSecondsText(running?.started_at) },
  { header: "LOOKED AT SO FAR", text: ({ running_sweep: running }) => running?.looked_at },
  { header: "REMOVED SO FAR", text: ({ running_sweep: running }) => running?.removed },
];

const status = act(async ({ session }) => {
  const found = await session.client.getRetentionStatus({});
  await session.output.show(found, statusFields, "");
});

/** `airfleet retention …` */
export const addRetentionCommands = (program: Command): void => {
  const noun = addNoun(program, "retention", "Which runs Airfleet remembers; the engines' own runs are never touched");
  noun
    .command("list")
    .description("List policies in order of precedence")
    .addHelpText("after", examples("retention list", "retention list -o wide"))
    .action(list);
  noun
    .command("show <policy>")
    .description("Show one policy")
    .addHelpText("after", examples("retention show finding-aids -o yaml"))
    .action(show);
  addPutCommand(noun, {
    ...kind,
    file: "keep-latest.yaml",
    description: "Write a policy from a file, new or in place of the one that is there",
    write: ({ client }, policy, body: PolicyBody, terms) =>
      client.putRetentionPolicy({ params: { policy }, body }, terms),
    fields,
  });
  addRemoveCommand(
    noun,
    {
      ...kind,
      description: "Remove a policy",
      question: (policy) => `Remove policy "${policy}"? What it governed is kept, or falls to the next policy.`,
      remove: ({ client }, policy, terms) => client.deleteRetentionPolicy({ params: { policy } }, terms),
    },
    { oldName: "delete" },
  );
  noun
    .command("preview")
    .description("Show which runs would go and why, and change nothing")
    .option("-f, --file <file>", "a policy that is not stored yet, judged among the stored ones; - reads stdin")
    .option("--as <policy>", "the stored policy that the file would replace")
    .option("-c, --clients <ids>", "only runs of these instances", collect)
    .option("--max-runs <n>", "runs to look at, oldest first", parseWhole(1, 1_000_000), 100_000)
    .option("--samples <n>", "rows to show", parseWhole(0, 500), 50)
    .addHelpText("after", examples("retention preview", "retention preview --file keep-latest.yaml --as finding-aids"))
    .action(preview);
  noun
    .command("sweep")
    .description("Begin a sweep now instead of at its time")
    .addHelpText("after", examples("retention sweep"))
    .action(sweep);
  noun
    .command("status")
    .description("Show what the last whole sweep did, and how far one has come that is under way")
    .addHelpText("after", examples("retention status"))
    .action(status);
};
