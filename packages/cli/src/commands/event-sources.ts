import type { CallInput, ItemOf } from "@airfleet/sdk";
import type { Command } from "commander";
import { confirmLoss } from "../fleet/confirm-production.ts";
import { toSecondsText } from "../output/instant-text.ts";
import type { Column } from "../output/listing.ts";
import { addNoun, examples } from "../program/noun.ts";
import { act } from "../session/act.ts";
import { putTerms } from "../session/put-terms.ts";
import { readDocument } from "../session/read-document.ts";

type Source = ItemOf<"listEventSources">;
type SourceBody = CallInput<"putEventSource">["body"];

const stateOf = ({ enabled, reading, error }: Source): string => {
  if (!enabled) return "disabled";
  if (error !== null) return "failed";
  if (reading === null) return "ok";
  return reading ? "running" : "waiting";
};

const columns: readonly Column<Source>[] = [
  { header: "ID", text: (row) => row.id },
  { header: "TYPE", text: (row) => row.type },
  { header: "STATE", text: stateOf, tone: (row) => (row.error === null ? "plain" : "bad") },
  { header: "INSTANCE", text: (row) => row.instance ?? "by host" },
  { header: "RECEIVED", text: (row) => row.received, alignRight: true },
  { header: "REJECTED", text: (row) => row.rejected, alignRight: true },
  { header: "LAST", text: (row) => toSecondsText(row.received_at) },
  { header: "QUEUE", text: (row) => row.queue_url, isWide: true },
  { header: "ERROR", text: (row) => row.error },
];

const fields: readonly Column<Source>[] = [
  ...columns.map((column) => ({ ...column, isWide: false })),
  { header: "VERSION", text: (row) => row.version },
];

const list = act(async ({ session }) => {
  const rows = await Array.fromAsync(session.client.items("listEventSources", {}));
  const whenEmpty = "Add a source with: airfleet event-sources put <id> -f <file>";
  await session.output.list({ columns, rows, nameOf: (row) => row.id, whenEmpty });
});

const show = act(async ({ session, args: [source = ""] }) => {
  const found = await session.client.getEventSource({ params: { source } });
  await session.output.show(found, fields, found.id);
});

const put = act<{ readonly file: string }>(async ({ session, options, args: [source = ""] }) => {
  const body = (await readDocument(options.file)) as SourceBody;
  const terms = await putTerms(() => session.client.getEventSource({ params: { source } }));
  const written = await session.client.putEventSource({ params: { source }, body }, terms);
  await session.output.show(written, fields, written.id);
});

const remove = act<{ readonly yes?: boolean }>(async ({ session, options, args: [source = ""] }) => {
  const { version } = await session.client.getEventSource({ params: { source } });
  const question = `Remove event source "${source}"? Its queue is no longer read; what it brought stays.`;
  await confirmLoss(session, question, options.yes === true);
  await session.client.deleteEventSource({ params: { source } }, { ifMatch: version });
  session.output.note(`Removed ${source}.`);
});

/** `airfleet event-sources …` */
export const addEventSourceCommands = (program: Command): void => {
  const noun = addNoun(program, "event-sources", "Queues and topics that messages about runs come from");
  noun
    .command("list")
    .description("List the sources, and how reading them goes")
    .addHelpText("after", examples("event-sources list", "event-sources list -o wide"))
    .action(list);
  noun
    .command("show <source>")
    .description("Show one source; keys are never shown")
    .addHelpText("after", examples("event-sources show rikolti"))
    .action(show);
  noun
    .command("put <source>")
    .description("Write a source from a YAML or JSON file")
    .requiredOption("-f, --file <file>", "the definition; - reads stdin")
    .addHelpText("after", examples("event-sources put rikolti --file rikolti.yaml"))
    .action(put);
  noun
    .command("remove <source>")
    .description("Remove a source")
    .option("-y, --yes", "do not ask")
    .addHelpText("after", examples("event-sources remove rikolti --yes"))
    .action(remove);
};
