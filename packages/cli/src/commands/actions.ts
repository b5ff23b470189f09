import type { ItemOf } from "@airfleet/sdk";
import { type Command, Option } from "commander";
import { parseClients } from "../fleet/choose-instances.ts";
import { toSecondsText } from "../output/instant-text.ts";
import { type Column, toneOf } from "../output/listing.ts";
import { addNoun, examples } from "../program/noun.ts";
import { clientsOption, collect, parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";

type Action = ItemOf<"listActions">;

const columns: readonly Column<Action>[] = [
  { header: "ID", text: (row) => row.id },
  { header: "AT", text: (row) => toSecondsText(row.created_at) },
  { header: "ACTOR", text: (row) => row.actor },
  { header: "VERB", text: (row) => row.verb },
  { header: "STATE", text: (row) => row.state, tone: (row) => toneOf(row.state) },
  { header: "INSTANCE", text: (row) => row.instance },
  { header: "DAG", text: (row) => row.dag_id },
  { header: "RUN", text: (row) => row.dag_run_id },
  { header: "ERROR", text: (row) => row.error?.code },
];

const fields: readonly Column<Action>[] = [
  ...columns.slice(0, -1),
  { header: "TASK", text: (row) => row.task_id },
  { header: "ATTEMPTS", text: (row) => row.attempts },
  { header: "FINISHED", text: (row) => toSecondsText(row.finished_at) },
  { header: "REQUEST", text: (row) => JSON.stringify(row.request) },
  { header: "BEFORE", text: (row) => (row.before === null ? null : JSON.stringify(row.before)) },
  { header: "AFTER", text: (row) => (row.after === null ? null : JSON.stringify(row.after)) },
  { header: "WARNINGS", text: (row) => row.warnings.map(({ message }) => message).join(" ") },
  { header: "ERROR", text: (row) => (row.error === null ? null : `${row.error.code}: ${row.error.message}`) },
];

interface Options {
  readonly clients?: string;
  readonly state?: readonly Action["state"][];
  readonly limit: number;
}

const list = act<Options>(async ({ session, options: { clients, state, limit } }) => {
  const query = {
    limit: Math.min(limit, 1_000),
    ...(clients !== undefined && { instance: [...parseClients(clients)] }),
    ...(state !== undefined && { state: [...state] }),
  };
  const rows: Action[] = [];
  for await (const action of session.client.items("listActions", { query })) if (rows.push(action) >= limit) break;
  await session.output.list({ columns, rows, nameOf: (row) => row.id });
});

const show = act(async ({ session, args: [id = ""] }) => {
  const action = await session.client.getAction({ params: { action: id } });
  await session.output.show(action, fields, action.id);
});

/** `airfleet actions …` */
export const addActionCommands = (program: Command): void => {
  const noun = addNoun(program, "actions", "What was asked of instances, and what came of it");
  noun
    .command("list")
    .description("List recorded writes, newest first")
    .addOption(clientsOption("all"))
    .addOption(new Option("--state <states>", "pending, done, failed, unknown").argParser(collect))
    .option("--limit <n>", "at most this many", parseWhole(1, 100_000), 50)
    .addHelpText("after", examples("actions list --state failed,unknown"))
    .action(list);
  noun
    .command("show <action>")
    .description("Show a recorded write")
    .addHelpText("after", examples("actions show 01K…", "actions show 01K… -o json"))
    .action(show);
};
