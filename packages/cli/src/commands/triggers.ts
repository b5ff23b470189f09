import type { CallInput, ItemOf } from "@airfleet/sdk";
import { type Command, Option } from "commander";
import { usageFailure } from "../failure/cli-failure.ts";
import { parseClients } from "../fleet/choose-instances.ts";
import { toSecondsText } from "../output/instant-text.ts";
import { type Column, toneOf } from "../output/listing.ts";
import { addNoun, examples } from "../program/noun.ts";
import { clientsOption, collect, parseTime, parseWhole } from "../program/parse-options.ts";
import { parseSubject } from "../program/parse-subject.ts";
import { act } from "../session/act.ts";

type Trigger = ItemOf<"listTriggers">;
type Query = NonNullable<CallInput<"listTriggers">["query"]>;

export const triggerColumns: readonly Column<Trigger>[] = [
  { header: "ID", text: (row) => row.id },
  { header: "AT", text: (row) => toSecondsText(row.created_at) },
  { header: "INSTANCE", text: (row) => row.instance },
  { header: "DAG", text: (row) => row.dag_id },
  { header: "RUN", text: (row) => row.dag_run_id },
  { header: "STATE", text: (row) => row.state, tone: (row) => toneOf(row.state) },
  { header: "RUN STATE", text: (row) => row.run?.state, tone: (row) => toneOf(row.run?.state ?? "") },
  { header: "SUBJECTS", text: (row) => row.subjects_total, isWide: true, alignRight: true },
  { header: "ACTOR", text: (row) => row.actor, isWide: true },
  { header: "REQUEST", text: (row) => row.request_id, isWide: true },
  {
    header: "REMARK",
    text: (row) => row.error?.message ?? row.warnings.map(({ message }) => message).join(" "),
  },
];

const STATES = ["pending", "sending", "accepted", "rejected", "failed", "expired", "cancelled"] as const;

const parseStates = (text: string, before?: readonly Trigger["state"][]): readonly Trigger["state"][] =>
  collect(text, before).map((word) => {
    const state = STATES.find((known) => known === word);
    if (state === undefined) throw usageFailure(`There is no state "${word}".`, `Allowed: ${STATES.join(", ")}.`);
    return state;
  });

interface ListOptions {
  readonly clients?: string;
  readonly dag?: readonly string[];
  readonly state?: readonly Trigger["state"][];
  readonly request?: string;
  readonly subject?: string;
  readonly actor?: string;
  readonly since?: string;
  readonly limit: number;
}

const toQuery = ({ clients, dag, state, request, subject, actor, since, limit }: ListOptions): Query => {
  const about = subject === undefined ? undefined : parseSubject(subject);
  return {
    limit: Math.min(limit, 1_000),
    ...(clients !== undefined && { instance: [...parseClients(clients)] }),
    ...(dag !== undefined && { dag_id: [...dag] }),
    ...(state !== undefined && { state: [...state] }),
    ...(request !== undefined && { request_id: request }),
    ...(about !== undefined && { subject_type: about.type, subject_id: about.id }),
    ...(actor !== undefined && { actor }),
    ...(since !== undefined && { created_from: since }),
  };
};

const WHEN_EMPTY =
  "Ask for a run with: airfleet trigger <dag> --instance <id>. Runs that others started are in: airfleet runs list";

const list = act<ListOptions>(async ({ session, options }) => {
  const rows: Trigger[] = [];
  for await (const row of session.client.items("listTriggers", { query: toQuery(options) })) {
    if (rows.push(row) >= options.limit) break;
  }
  await session.output.list({ columns: triggerColumns, rows, nameOf: (row) => row.id, whenEmpty: WHEN_EMPTY });
});

const fields: readonly Column<Trigger>[] = [
  ...triggerColumns.filter(({ header }) => header !== "REMARK"),
  { header: "ACTION", text: (row) => row.action_id },
  { header: "CONF", text: (row) => JSON.stringify(row.conf) },
  { header: "NOTE", text: (row) => row.note },
  { header: "LOGICAL DATE", text: (row) => toSecondsText(row.logical_date) },
  { header: "ENDED", text: (row) => toSecondsText(row.finished_at) },
  { header: "EXPIRES", text: (row) => toSecondsText(row.expires_at) },
  { header: "ERROR", text: (row) => (row.error === null ? null : `${row.error.code}: ${row.error.message}`) },
  { header: "WARNINGS", text: (row) => row.warnings.map(({ message }) => message).join(" ") },
  { header: "UI", text: (row) => row.ui_url },
];

const show = act(async ({ session, args: [id = ""] }) => {
  const trigger = await session.client.getTrigger({ params: { trigger: id } });
  await session.output.show(trigger, fields, trigger.id);
  if (session.output.format !== "table" && session.output.format !== "wide") return;
  for (const { number, at, method, path, status, error, duration_ms: ms, answer } of trigger.attempts) {
    const came = status === null ? (error ?? "no answer yet") : `${status} in ${ms ?? 0} ms`;
    session.output.text(`\nAttempt ${number}, ${toSecondsText(at)}: ${method ?? "?"} ${path ?? ""}: ${came}\n`);
    if (answer !== null) session.output.text(`${answer}\n`);
  }
});

const cancel = act(async ({ session, args: [id = ""] }) => {
  const trigger = await session.client.cancelTrigger({ params: { trigger: id } });
  await session.output.list({ columns: triggerColumns, rows: [trigger], nameOf: (row) => row.id });
});

/** `airfleet triggers …` */
export const addTriggerCommands = (program: Command): void => {
  const noun = addNoun(program, "triggers", "Runs that were asked for, and what came of it");
  noun
    .command("list")
    .description("List triggers, newest first")
    .addOption(clientsOption("all"))
    .option("--dag <ids>", "only of these DAGs, with commas between", collect)
    .addOption(new Option("--state <states>", STATES.join(", ")).argParser(parseStates))
    .option("--request <id>", "only of this request")
    .option("--subject <type/id>", "only about this object")
    .option("--actor <name>", "only asked for by this one")
    .option("--since <time>", "only asked for since; a time, or how long ago (7d)", parseTime)
    .addOption(new Option("--limit <n>", "at most so many").argParser(parseWhole(1, 100_000)).default(100))
    .addHelpText(
      "after",
      examples("triggers list --state rejected,failed --since 7d", "triggers list --subject finding-aid/123"),
    )
    .action(list);
  noun
    .command("show <trigger>")
    .description("Show a trigger with every attempt and the engine's answers")
    .addHelpText("after", examples("triggers show trg_06bqk0x5v8mzn3w1c9t7e2d4rf"))
    .action(show);
  noun
    .command("cancel <trigger>")
    .description("Call a trigger off, as long as it was not sent")
    .addHelpText("after", examples("triggers cancel trg_06bqk0x5v8mzn3w1c9t7e2d4rf"))
    .action(cancel);
};
