import type { CallInput, ItemOf } from "@airfleet/sdk";
import type { Command } from "commander";
import { confirmLoss } from "../fleet/confirm-production.ts";
import type { Column } from "../output/listing.ts";
import { addNoun, examples } from "../program/noun.ts";
import { act } from "../session/act.ts";
import { putTerms } from "../session/put-terms.ts";
import { readDocument } from "../session/read-document.ts";

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

const put = act<{ readonly file: string }>(async ({ session, options, args: [key = ""] }) => {
  const body = (await readDocument(options.file)) as KeyBody;
  const terms = await putTerms(() => session.client.getTriggerKey({ params: { key } }));
  const written = await session.client.putTriggerKey({ params: { key }, body }, terms);
  await session.output.show(written, fields, written.id);
});

const remove = act<{ readonly yes?: boolean }>(async ({ session, options, args: [key = ""] }) => {
  const { version, instance } = await session.client.getTriggerKey({ params: { key } });
  const question = `Remove trigger key "${key}"? What it signs starts no more runs on ${instance}; without any enabled key, unsigned requests may.`;
  await confirmLoss(session, question, options.yes === true);
  await session.client.deleteTriggerKey({ params: { key } }, { ifMatch: version });
  session.output.note(`Removed ${key}.`);
});

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
  noun
    .command("put <key>")
    .description("Write a key from a YAML or JSON file")
    .requiredOption("-f, --file <file>", "the definition; - reads stdin")
    .addHelpText("after", examples("trigger-keys put workbench --file workbench.yaml"))
    .action(put);
  noun
    .command("remove <key>")
    .description("Remove a key")
    .option("-y, --yes", "do not ask")
    .addHelpText("after", examples("trigger-keys remove workbench --yes"))
    .action(remove);
};
