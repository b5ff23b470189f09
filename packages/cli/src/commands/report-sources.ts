import type { CallInput, ItemOf } from "@airfleet/sdk";
import type { Command } from "commander";
import { toSecondsText } from "../output/instant-text.ts";
import type { Column } from "../output/listing.ts";
import { addPutCommand, addRemoveCommand } from "../program/definition-commands.ts";
import { examples } from "../program/noun.ts";
import { act } from "../session/act.ts";
import type { Session } from "../session/session.ts";

type Source = ItemOf<"listReportSources">;
type SourceBody = NonNullable<CallInput<"putReportSource">["body"]>;

const isGood = ({ not_before, not_after }: Source["keys"][number]): boolean =>
  (not_before === null || Date.parse(not_before) <= Date.now()) &&
  (not_after === null || Date.parse(not_after) >= Date.now());

const trustOf = ({ keys, jwks, unsigned }: Source): string => {
  if (unsigned === "allow") return "anybody";
  const parts = [...keys.map(({ key_id }) => key_id), ...(jwks === null ? [] : [jwks.url])];
  return parts.length === 0 ? "nobody" : parts.join(",");
};

const columns: readonly Column<Source>[] = [
  { header: "INSTANCE", text: (row) => row.instance },
  { header: "STATE", text: (row) => (row.enabled ? "on" : "off"), tone: (row) => (row.enabled ? "good" : "warning") },
  { header: "SIGNED BY", text: trustOf, tone: (row) => (row.unsigned === "allow" ? "warning" : "plain") },
  { header: "ACCEPTED", text: (row) => row.accepted, alignRight: true },
  {
    header: "REFUSED",
    text: (row) => row.refused,
    alignRight: true,
    tone: (row) => (row.refused > 0 ? "bad" : "plain"),
  },
  { header: "LAST", text: (row) => toSecondsText(row.accepted_at) },
  { header: "BARE PATHS", text: (row) => (row.bare_paths ? "yes" : ""), isWide: true },
  { header: "ZONE", text: (row) => row.time_zone, isWide: true },
];

const keyText = (key: Source["keys"][number]): string =>
  [
    `${key.key_id} (${key.algorithm}${isGood(key) ? "" : ", not valid now"})`,
    ...(key.not_after === null ? [] : [`until ${toSecondsText(key.not_after) ?? ""}`]),
  ].join(" ");

const fields: readonly Column<Source>[] = [
  ...columns.map((column) => ({ ...column, isWide: false })),
  { header: "KEYS", text: (row) => row.keys.map(keyText).join("; ") },
  { header: "KEYS ERROR", text: (row) => row.jwks?.error ?? null },
  { header: "DUPLICATES", text: (row) => row.duplicates },
  { header: "REJECTED", text: (row) => row.rejected },
  {
    header: "REFUSALS",
    text: (row) =>
      row.refusals
        .slice(0, 5)
        .map(({ at, ip, code, detail }) => `${toSecondsText(at) ?? ""} ${ip} ${code ?? ""} (${detail ?? ""})`)
        .join("; "),
  },
  { header: "VERSION", text: (row) => row.version },
];

const list = act(async ({ session }) => {
  const rows = await Array.fromAsync(session.client.items("listReportSources", {}));
  await session.output.list({ columns, rows, nameOf: (row) => row.instance });
});

const show = act(async ({ session, args: [instance = ""] }) => {
  const found = await session.client.getReportSource({ params: { instance } });
  await session.output.show(found, fields, found.instance);
});

const kind = {
  argument: "instance",
  example: "eu-1",
  read: ({ client }: Session, instance: string) => client.getReportSource({ params: { instance } }),
};

/** `airfleet reports sources …` */
export const addReportSourceCommands = (reports: Command): void => {
  const noun = reports
    .command("sources")
    .description("Which instances may report by themselves, and who signs for them");
  noun
    .command("list")
    .description("List the sources, and how their reports have fared since the server started")
    .addHelpText("after", examples("reports sources list", "reports sources list -o wide"))
    .action(list);
  noun
    .command("show <instance>")
    .description("Show one source with its last refusals; secrets are never shown")
    .addHelpText("after", examples("reports sources show eu-1"))
    .action(show);
  addPutCommand(noun, {
    ...kind,
    file: "eu-1-reports.yaml",
    description: "Write a source from a file, new or in place of the one that is there",
    write: ({ client }, instance, body: SourceBody, terms) =>
      client.putReportSource({ params: { instance }, body }, terms),
    fields,
  });
  addRemoveCommand(noun, {
    ...kind,
    description: "Take no reports of an instance any more",
    question: (instance) => `Take no reports of "${instance}" any more? What it reported stays.`,
    remove: ({ client }, instance, terms) => client.deleteReportSource({ params: { instance } }, terms),
  });
};
