import type { CallInput, Client, ItemOf } from "@airfleet/sdk";
import type { Command } from "commander";
import { setTimeout as pause } from "node:timers/promises";
import { usageFailure } from "../failure/cli-failure.ts";
import { EXIT } from "../failure/exit-codes.ts";
import { toSecondsText } from "../output/instant-text.ts";
import { type Column, toneOf } from "../output/listing.ts";
import { addPutCommand, addRemoveCommand } from "../program/definition-commands.ts";
import { addNoun, examples } from "../program/noun.ts";
import { collect, parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import { readDocument } from "../session/read-document.ts";
import type { Session } from "../session/session.ts";

type Rule = ItemOf<"listSubjectRules">;
type Matches = Awaited<ReturnType<Client["matchSubjectRules"]>>;
type Sample = Matches["samples"][number];
type Application = ItemOf<"listRuleApplications">;
type RuleBody = CallInput<"putSubjectRule">["body"];

const columns: readonly Column<Rule>[] = [
  { header: "ID", text: (row) => row.id },
  {
    header: "STATE",
    text: (row) => (row.rule.enabled ? "on" : "off"),
    tone: (row) => (row.rule.enabled ? "plain" : "faint"),
  },
  { header: "DAGS", text: (row) => row.rule.dags.join(",") },
  { header: "INSTANCES", text: (row) => row.rule.instances.join(","), isWide: true },
  { header: "SUBJECTS", text: (row) => row.rule.subjects.map(({ type, id }) => `${type}=${id}`).join(" ") },
  { header: "MATCHED", text: (row) => row.matched_runs, alignRight: true },
  {
    header: "FAILED",
    text: (row) => row.failures,
    alignRight: true,
    tone: (row) => (row.failures > 0 ? "bad" : "plain"),
  },
  { header: "LAST MATCH", text: (row) => toSecondsText(row.last_matched_at), isWide: true },
  { header: "ERROR", text: (row) => row.last_error },
];

const fields: readonly Column<Rule>[] = [
  ...columns.map((column) => ({ ...column, isWide: false })),
  { header: "VERSION", text: (row) => row.version },
  { header: "RULE", text: (row) => JSON.stringify(row.rule) },
];

const list = act(async ({ session }) => {
  const rows = await Array.fromAsync(session.client.items("listSubjectRules", {}));
  const whenEmpty =
    "Try a rule with: airfleet subjects match --help. Add it with: airfleet subjects rules put <id> -f <file>";
  await session.output.list({ columns, rows, nameOf: (row) => row.id, whenEmpty });
});

const show = act(async ({ session, args: [rule = ""] }) => {
  const found = await session.client.getSubjectRule({ params: { rule } });
  await session.output.show(found, fields, found.id);
});

const kind = {
  argument: "rule",
  example: "finding-aids",
  read: ({ client }: Session, rule: string) => client.getSubjectRule({ params: { rule } }),
};

const applicationFields: readonly Column<Application>[] = [
  { header: "ID", text: (row) => row.id },
  { header: "STATE", text: (row) => row.state, tone: (row) => toneOf(row.state) },
  { header: "RULES", text: (row) => row.rules.join(",") },
  { header: "EXAMINED", text: (row) => row.examined_runs, alignRight: true },
  { header: "MATCHED", text: (row) => row.matched_runs, alignRight: true },
  { header: "ADDED", text: (row) => row.added_subjects, alignRight: true },
  { header: "FAILED", text: (row) => row.failures, alignRight: true },
  { header: "ERROR", text: (row) => row.last_error },
];

const LOOK_AGAIN_MS = 500;

const apply = act<{ readonly wait: boolean }>(async ({ session, options, args: rules }) => {
  const body = rules.length === 0 ? {} : { rule_ids: [...rules] };
  let work = await session.client.applySubjectRules({ body });
  if (options.wait) {
    // Ctrl-C ends the waiting, not the work.
    while (work.state === "pending" || work.state === "running") {
      await pause(LOOK_AGAIN_MS);
      work = await session.client.getRuleApplication({ params: { application: work.id } });
    }
  }
  await session.output.show(work, applicationFields, work.id);
  return work.state === "cancelled" ? EXIT.failure : EXIT.ok;
});

const applications = act(async ({ session }) => {
  const rows = await Array.fromAsync(session.client.items("listRuleApplications", {}));
  await session.output.list({ columns: applicationFields, rows, nameOf: (row) => row.id });
});

const sampleColumns: readonly Column<Sample>[] = [
  { header: "INSTANCE", text: (row) => row.instance },
  { header: "DAG", text: (row) => row.dag_id },
  { header: "RUN", text: (row) => row.dag_run_id },
  { header: "SUBJECTS", text: (row) => row.subjects.map(({ type, id }) => `${type}/${id}`).join(" ") },
  { header: "TOTAL", text: (row) => row.subjects_total, alignRight: true },
  { header: "PROBLEM", text: (row) => row.problem, tone: () => "bad" },
];

interface MatchOptions {
  readonly dryRun?: boolean;
  readonly file?: string;
  readonly rule?: string;
  readonly run?: string;
  readonly maxRuns: number;
  readonly samples: number;
  readonly clients?: readonly string[];
}

const match = act<MatchOptions>(async ({ session, options }) => {
  const { file, rule: ruleId, run, maxRuns, samples, clients } = options;
  if (file !== undefined && ruleId !== undefined) throw usageFailure("Give --file or --rule, not both.");
  const matches = await session.client.matchSubjectRules({
    body: {
      max_runs: maxRuns,
      samples,
      ...(file !== undefined && { rule: (await readDocument(file)) as RuleBody }),
      ...(ruleId !== undefined && { rule_id: ruleId }),
      ...(run !== undefined && { run }),
      ...(clients !== undefined && { instances: [...clients] }),
    },
  });
  const { examined_runs: examined, matched_runs: matched, subjects_found: found, failures } = matches;
  if (session.output.format === "json" || session.output.format === "yaml") {
    await session.output.show(matches, [], "");
    return;
  }
  await session.output.list({ columns: sampleColumns, rows: matches.samples, nameOf: (row) => row.run });
  session.output.note(
    `${examined} runs looked at${matches.is_partial ? " (not all: see --max-runs)" : ""}, ${matched} matched, ${found} subjects, ${failures} failed. Nothing was changed.`,
  );
});

/** `airfleet subjects match` and `airfleet subjects rules …` */
export const addSubjectRuleCommands = (subjects: Command): void => {
  subjects
    .command("match")
    .description("Show what rules would make of the stored runs, and change nothing")
    .option("--dry-run", "said for clarity; it never changes anything")
    .option("-f, --file <file>", "a rule in YAML or JSON that is not stored yet; - reads stdin")
    .option("--rule <id>", "a stored rule (default: all that are on)")
    .option("--run <id>", "only this run")
    .option("-c, --clients <ids>", "only runs of these instances", collect)
    .option("--max-runs <n>", "runs to look at, newest first", parseWhole(1, 100_000), 10_000)
    .option("--samples <n>", "rows to show", parseWhole(0, 100), 20)
    .addHelpText(
      "after",
      examples(
        "subjects match --dry-run --file finding-aids.yaml",
        "subjects match --dry-run --rule finding-aids --json",
      ),
    )
    .action(match);
  const rules = addNoun(subjects, "rules", "Rules that tell which objects runs are about");
  rules
    .command("list")
    .description("List rules with what they have done")
    .addHelpText("after", examples("subjects rules list", "subjects rules list -o wide"))
    .action(list);
  rules
    .command("show <rule>")
    .description("Show one rule")
    .addHelpText("after", examples("subjects rules show finding-aids -o yaml"))
    .action(show);
  addPutCommand(rules, {
    ...kind,
    file: "finding-aids.yaml",
    description: "Write a rule from a file, new or in place of the one that is there",
    write: ({ client }, rule, body: RuleBody, terms) => client.putSubjectRule({ params: { rule }, body }, terms),
    fields,
    note: "It holds for runs observed from now on; `subjects rules apply` does the same for stored runs.",
  });
  addRemoveCommand(
    rules,
    {
      ...kind,
      description: "Remove a rule; subjects that runs have by it stay",
      question: (rule) => `Remove rule "${rule}"? Subjects that runs have by it stay.`,
      remove: ({ client }, rule, terms) => client.deleteSubjectRule({ params: { rule } }, terms),
    },
    { oldName: "delete" },
  );
  rules
    .command("apply [rules...]")
    .description("Apply rules (default: all that are on) to all stored runs, in the background of the server")
    .option("--no-wait", "do not wait until it is done")
    .addHelpText("after", examples("subjects rules apply finding-aids", "subjects rules apply --no-wait"))
    .action(apply);
  rules
    .command("applications")
    .description("List how far applications have come")
    .addHelpText("after", examples("subjects rules applications"))
    .action(applications);
};
