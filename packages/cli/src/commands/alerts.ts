import type { CallInput, ItemOf } from "@airfleet/sdk";
import { type Command, Option } from "commander";
import { EXIT } from "../failure/exit-codes.ts";
import { toSecondsText } from "../output/instant-text.ts";
import { type Column, toneOf } from "../output/listing.ts";
import { addPutCommand, addRemoveCommand } from "../program/definition-commands.ts";
import { addNoun, examples } from "../program/noun.ts";
import { collect, parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import type { Session } from "../session/session.ts";

type Alert = ItemOf<"listAlerts">;
type Rule = ItemOf<"listAlertRules">;
type RuleBody = CallInput<"putAlertRule">["body"];

const columns: readonly Column<Alert>[] = [
  { header: "ID", text: (row) => row.id },
  { header: "STATE", text: (row) => row.state, tone: (row) => (row.state === "open" ? "bad" : "faint") },
  { header: "RULE", text: (row) => row.rule },
  { header: "SINCE", text: (row) => toSecondsText(row.since) },
  { header: "SNOOZED UNTIL", text: (row) => toSecondsText(row.snoozed_until) },
  { header: "SUMMARY", text: (row) => row.summary },
  { header: "GROUP", text: (row) => row.group, isWide: true },
  { header: "FINDINGS", text: (row) => row.findings_total, isWide: true, alignRight: true },
  { header: "RESOLVED", text: (row) => toSecondsText(row.resolved_at), isWide: true },
];
const fields = columns.map((column) => ({ ...column, isWide: false }));

interface ListOptions {
  readonly state?: "pending" | "open" | "resolved";
  readonly rule?: readonly string[];
  readonly limit: number;
}

const list = act<ListOptions>(async ({ session, options: { state, rule, limit } }) => {
  const query = {
    limit: Math.min(limit, 1_000),
    ...(state !== undefined && { state }),
    ...(rule !== undefined && { rule: [...rule] }),
  };
  const rows: Alert[] = [];
  for await (const row of session.client.items("listAlerts", { query })) if (rows.push(row) >= limit) break;
  const whenEmpty = "Nothing is wrong, or no rule looks: see airfleet alerts rules";
  await session.output.list({ columns, rows, nameOf: (row) => row.id, whenEmpty });
});

const show = act(async ({ session, args: [alert = ""] }) => {
  const found = await session.client.getAlert({ params: { alert } });
  const more = [
    { header: "FOUND", text: (it: typeof found) => it.findings.map(({ text }) => text).join("; ") },
    {
      header: "HISTORY",
      text: (it: typeof found) => it.history.map(({ at, kind }) => `${toSecondsText(at)} ${kind}`).join("; "),
    },
  ];
  await session.output.show(found, [...fields, ...more], found.id);
});

const snooze = act<{ readonly minutes: number }>(async ({ session, options, args: [alert = ""] }) => {
  const until = new Date(Date.now() + options.minutes * 60_000).toISOString();
  const snoozed = await session.client.snoozeAlert({ params: { alert }, body: { until } });
  session.output.note(`${snoozed.id} is quiet until ${toSecondsText(until)}.`);
});

const wake = act(async ({ session, args: [alert = ""] }) => {
  await session.client.snoozeAlert({ params: { alert }, body: { until: null } });
  session.output.note(`${alert} is no longer snoozed.`);
});

const ruleColumns: readonly Column<Rule>[] = [
  { header: "ID", text: (row) => row.id },
  {
    header: "STATE",
    text: (row) => (row.rule.enabled ? "on" : "off"),
    tone: (row) => (row.rule.enabled ? "plain" : "faint"),
  },
  { header: "CONDITION", text: (row) => row.rule.condition },
  { header: "INSTANCES", text: (row) => row.rule.instances.join(",") },
  { header: "DAGS", text: (row) => row.rule.dag_ids.join(",") || "*" },
  { header: "TELLS", text: (row) => row.rule.notify.map(({ type }) => type).join(",") },
  { header: "DESCRIPTION", text: (row) => row.rule.description, isWide: true },
];
const ruleFields = ruleColumns.map((column) => ({ ...column, isWide: false }));

const rules = act(async ({ session }) => {
  const rows = await Array.fromAsync(session.client.items("listAlertRules", {}));
  const whenEmpty = "Add a rule with: airfleet alerts put-rule <id> -f <file>";
  await session.output.list({ columns: ruleColumns, rows, nameOf: (row) => row.id, whenEmpty });
});

const ruleKind = {
  argument: "rule",
  example: "nightly",
  read: ({ client }: Session, rule: string) => client.getAlertRule({ params: { rule } }),
};

const test = act(async ({ session, args: [rule = ""] }) => {
  const { channels } = await session.client.testAlertRule({ params: { rule } });
  await session.output.list({
    rows: channels,
    nameOf: (row) => row.channel,
    columns: [
      { header: "CHANNEL", text: (row) => row.channel },
      { header: "OUTCOME", text: (row) => row.outcome, tone: (row) => toneOf(row.outcome) },
      { header: "STATUS", text: (row) => row.status },
      { header: "ERROR", text: (row) => row.error },
    ],
  });
  return channels.every(({ outcome }) => outcome === "delivered") ? EXIT.ok : EXIT.failure;
});

/** `airfleet alerts …` */
export const addAlertCommands = (program: Command): void => {
  const noun = addNoun(program, "alerts", "What alert rules found, and whom they tell");
  noun
    .command("list")
    .description("List alerts, newest first")
    .addOption(new Option("--state <state>", "only these").choices(["pending", "open", "resolved"]))
    .option("--rule <rules>", "only of these rules", collect)
    .option("--limit <n>", "at most this many", parseWhole(1, 1_000_000), 50)
    .addHelpText("after", examples("alerts list --state open", "alerts list --rule nightly -o json"))
    .action(list);
  noun
    .command("show <alert>")
    .description("Show an alert with what was found and its history")
    .addHelpText("after", examples("alerts show alr_01"))
    .action(show);
  noun
    .command("snooze <alert>")
    .description("Send nothing more for an open alert for a while")
    .option("--minutes <n>", "how long", parseWhole(1, 129_600), 60)
    .addHelpText("after", examples("alerts snooze alr_01 --minutes 480"))
    .action(snooze);
  noun
    .command("wake <alert>")
    .description("End the silence of a snoozed alert")
    .addHelpText("after", examples("alerts wake alr_01"))
    .action(wake);
  noun.command("rules").description("List alert rules").addHelpText("after", examples("alerts rules")).action(rules);
  addPutCommand(
    noun,
    {
      ...ruleKind,
      file: "nightly.yaml",
      description: "Write an alert rule from a file, new or in place of the one that is there",
      write: ({ client }, rule, body: RuleBody, terms) => client.putAlertRule({ params: { rule }, body }, terms),
      fields: ruleFields,
    },
    { name: "put-rule" },
  );
  addRemoveCommand(
    noun,
    {
      ...ruleKind,
      description: "Remove an alert rule",
      question: (rule) => `Remove alert rule "${rule}"? Its alerts end in silence.`,
      remove: ({ client }, rule, terms) => client.deleteAlertRule({ params: { rule } }, terms),
    },
    { name: "remove-rule" },
  );
  noun
    .command("test-rule <rule>")
    .description("Send a test message through every channel; exit code 1 when one did not take it")
    .addHelpText("after", examples("alerts test-rule nightly"))
    .action(test);
};
