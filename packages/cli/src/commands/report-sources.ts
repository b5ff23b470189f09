import type { CallInput, ItemOf } from "@airfleet/sdk";
import type { Command } from "commander";
import { confirmLoss } from "../fleet/confirm-production.ts";
import { toSecondsText } from "../output/instant-text.ts";
import type { Column } from "../output/listing.ts";
import { examples } from "../program/noun.ts";
import { act } from "../session/act.ts";
import { putTerms } from "../session/put-terms.ts";
import { readDocument } from "../session/read-document.ts";

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

const put = act<{ readonly file: string }>(async ({ session, options, args: [instance = ""] }) => {
  const body = (await readDocument(options.file)) as SourceBody;
  const terms = await putTerms(() => session.client.getReportSource({ params: { instance } }));
  const written = await session.client.putReportSource({ params: { instance }, body }, terms);
  await session.output.show(written, fields, written.instance);
});

const remove = act<{ readonly yes?: boolean }>(async ({ session, options, args: [instance = ""] }) => {
  const { version } = await session.client.getReportSource({ params: { instance } });
  const question = `Take no reports of "${instance}" any more? What it reported stays.`;
  await confirmLoss(session, question, options.yes === true);
  await session.client.deleteReportSource({ params: { instance } }, { ifMatch: version });
  session.output.note(`Reports of ${instance} are no longer taken.`);
});

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
  noun
    .command("put <instance>")
    .description("Write a source from a YAML or JSON file")
    .requiredOption("-f, --file <file>", "the definition; - reads stdin")
    .addHelpText("after", examples("reports sources put eu-1 --file eu-1-reports.yaml"))
    .action(put);
  noun
    .command("remove <instance>")
    .description("Take no reports of an instance any more")
    .option("-y, --yes", "do not ask")
    .addHelpText("after", examples("reports sources remove eu-1 --yes"))
    .action(remove);
};
