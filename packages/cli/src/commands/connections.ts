import type { CallInput, Client, ItemOf } from "@airfleet/sdk";
import type { Command } from "commander";
import { EXIT } from "../failure/exit-codes.ts";
import { toSecondsText } from "../output/instant-text.ts";
import type { Column } from "../output/listing.ts";
import { addPutCommand, addRemoveCommand } from "../program/definition-commands.ts";
import { addNoun, examples } from "../program/noun.ts";
import { collect } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import type { Session } from "../session/session.ts";

type Connection = ItemOf<"listConnections">;
type ConnectionBody = CallInput<"putConnection">["body"];
type Check = Awaited<ReturnType<Client["checkConnection"]>>;

const addressText = ({ host, port }: Connection): string =>
  host === null ? "" : port === null ? host : `${host}:${port}`;

const columns: readonly Column<Connection>[] = [
  { header: "ID", text: (row) => row.id },
  { header: "KIND", text: (row) => row.kind },
  { header: "ADDRESS", text: addressText },
  { header: "LOGIN", text: (row) => row.login },
  { header: "SCHEMA", text: (row) => row.schema },
  { header: "PASSWORD", text: (row) => (row.has_password ? "kept" : "none") },
  { header: "USED BY", text: (row) => row.used_by, alignRight: true },
  { header: "EXTRA", text: (row) => row.extra_keys.join(", "), isWide: true },
  { header: "DESCRIPTION", text: (row) => row.description, isWide: true },
  { header: "CHANGED", text: (row) => toSecondsText(row.updated_at), isWide: true },
];

const fields: readonly Column<Connection>[] = columns.map((column) => ({ ...column, isWide: false }));

const list = act(async ({ session }) => {
  const rows = await Array.fromAsync(session.client.items("listConnections", {}));
  const whenEmpty = "Add one with: airfleet connections put <id> -f <file>";
  await session.output.list({ columns, rows, nameOf: (row) => row.id, whenEmpty });
});

const show = act(async ({ session, args: [connection = ""] }) => {
  const found = await session.client.getConnection({ params: { connection } });
  await session.output.show(found, fields, found.id);
});

const kind = {
  argument: "connection",
  example: "warehouse",
  read: ({ client }: Session, connection: string) => client.getConnection({ params: { connection } }),
};

const sourceText = ({ source, variable }: Check): string =>
  source === "store" ? "Airfleet" : source === null ? "nowhere" : `the variable ${variable ?? ""}`;

const reachText = ({ reach }: Check): string => {
  if (reach === null) return "no address to try";
  return reach.ok ? `${reach.address} answers` : `${reach.address}: ${reach.error ?? ""}`;
};

const instanceText = ({ instances }: Check): string =>
  instances
    .map(({ instance, has }) => `${instance} ${has === null ? "cannot be asked" : has ? "has it" : "does not have it"}`)
    .join("; ");

const checkFields: readonly Column<Check>[] = [
  { header: "ID", text: (row) => row.id },
  { header: "KIND", text: (row) => row.kind },
  { header: "FOUND IN", text: sourceText, tone: (row) => (row.source === null ? "bad" : "good") },
  { header: "ADDRESS", text: reachText, tone: (row) => (row.reach?.ok === false ? "bad" : "plain") },
  { header: "INSTANCES", text: instanceText },
];

const check = act<{ readonly clients?: readonly string[] }>(async ({ session, options, args: [connection = ""] }) => {
  const body = { instances: [...(options.clients ?? [])] };
  const found = await session.client.checkConnection({ params: { connection }, body });
  await session.output.show(found, checkFields, found.id);
  const isFine =
    (found.source !== null && found.reach?.ok !== false) || found.instances.some(({ has }) => has === true);
  return isFine ? EXIT.ok : EXIT.failure;
});

/** `airfleet connections …` */
export const addConnectionCommands = (program: Command): void => {
  const noun = addNoun(program, "connections", "How steps of pipelines sign in to databases and services");
  noun
    .command("list")
    .description("List connections; secrets are never shown")
    .addHelpText("after", examples("connections list", "connections list -o wide"))
    .action(list);
  noun
    .command("show <connection>")
    .description("Show one connection without its secrets")
    .addHelpText("after", examples("connections show warehouse"))
    .action(show);
  addPutCommand(noun, {
    ...kind,
    file: "warehouse.yaml",
    description: "Write a connection from a file, new or in place of the one that is there; a password left out stays",
    write: ({ client }, connection, body: ConnectionBody, terms) =>
      client.putConnection({ params: { connection }, body }, terms),
    fields,
  });
  addRemoveCommand(noun, {
    ...kind,
    description: "Remove a connection",
    question: (id, { used_by: users }) => `Remove connection "${id}"? ${users} pipelines name it.`,
    remove: ({ client }, connection, terms) => client.deleteConnection({ params: { connection } }, terms),
  });
  noun
    .command("check <connection>")
    .description("Say where a connection is found, which instances have it, and whether its address answers")
    .option("-c, --clients <ids>", "instances to ask", collect)
    .addHelpText("after", examples("connections check warehouse", "connections check warehouse --clients eu-1,us-1"))
    .action(check);
};
