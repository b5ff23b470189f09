import type { CallInput, ItemOf } from "@airfleet/sdk";
import type { Command } from "commander";
import { toSecondsText } from "../output/instant-text.ts";
import type { Column } from "../output/listing.ts";
import { addPutCommand, addRemoveCommand } from "../program/definition-commands.ts";
import { addNoun, examples } from "../program/noun.ts";
import { act } from "../session/act.ts";
import type { Session } from "../session/session.ts";

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

const kind = {
  argument: "source",
  example: "rikolti",
  read: ({ client }: Session, source: string) => client.getEventSource({ params: { source } }),
};

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
  addPutCommand(noun, {
    ...kind,
    file: "rikolti.yaml",
    description: "Write a source from a file, new or in place of the one that is there",
    write: ({ client }, source, body: SourceBody, terms) => client.putEventSource({ params: { source }, body }, terms),
    fields,
  });
  addRemoveCommand(noun, {
    ...kind,
    description: "Remove a source",
    question: (source) => `Remove event source "${source}"? Its queue is no longer read; what it brought stays.`,
    remove: ({ client }, source, terms) => client.deleteEventSource({ params: { source } }, terms),
  });
};
