import type { CallInput, ItemOf } from "@airfleet/sdk";
import type { Command } from "commander";
import type { Column } from "../output/listing.ts";
import { addPutCommand, addRemoveCommand } from "../program/definition-commands.ts";
import { addNoun, examples } from "../program/noun.ts";
import { act } from "../session/act.ts";
import type { Session } from "../session/session.ts";

type Key = ItemOf<"listTriggerKeys">;
type KeyBody = CallInput<"putTriggerKey">["body"];

const columns: readonly Column<Key>[] = [
  { header: "ID", text: (row) => row.id },
  { header: "INSTANCE", text: (row) => row.instance },
  { header: "DAGS", text: (row) => row.dags.join(", ") },
  { header: "STATE", text: (row) => (row.enabled ? "enabled" : "disabled") },
  { header: "REPLAY", text: (row) => row.replay, tone: (row) => (row.replay === "allow" ? "bad" : "plain") },
  { header: "KEYS", text: (row) => row.keys.map(({ key_id, algorithm }) => `${key_id} (${algorithm})`).join(", ") },
  { header: "VERSION", text: (row) => row.version, isWide: true },
];

const fields: readonly Column<Key>[] = columns.map((column) => ({ ...column, isWide: false }));

const list = act(async ({ session }) => {
  const rows = await Array.fromAsync(session.client.items("listTriggerKeys", {}));
  await session.output.list({ columns, rows, nameOf: (row) => row.id });
});

const show = act(async ({ session, args: [key = ""] }) => {
  const found = await session.client.getTriggerKey({ params: { key } });
  await session.output.show(found, fields, found.id);
});

const kind = {
  argument: "key",
  example: "workbench",
  read: ({ client }: Session, key: string) => client.getTriggerKey({ params: { key } }),
};

/** `airfleet trigger-keys …` */
export const addTriggerKeyCommands = (program: Command): void => {
  const noun = addNoun(program, "trigger-keys", "Keys that sign requests to Airflow's experimental API");
  noun
    .command("list")
    .description("List the keys, and which DAGs of which instance each is for")
    .addHelpText("after", examples("trigger-keys list", "trigger-keys list -o json"))
    .action(list);
  noun
    .command("show <key>")
    .description("Show one key; shared secrets are never shown")
    .addHelpText("after", examples("trigger-keys show workbench"))
    .action(show);
  addPutCommand(noun, {
    ...kind,
    file: "workbench.yaml",
    description: "Write a key from a file, new or in place of the one that is there",
    write: ({ client }, key, body: KeyBody, terms) => client.putTriggerKey({ params: { key }, body }, terms),
    fields,
  });
  addRemoveCommand(noun, {
    ...kind,
    description: "Remove a key",
    question: (key, { instance }) =>
      `Remove trigger key "${key}"? What it signs starts no more runs on ${instance}; without any enabled key, unsigned requests may.`,
    remove: ({ client }, key, terms) => client.deleteTriggerKey({ params: { key } }, terms),
  });
};
