import type { ItemOf } from "@airfleet/sdk";
import type { Command } from "commander";
import { EXIT } from "../failure/exit-codes.ts";
import { parseClients } from "../fleet/choose-instances.ts";
import { toSecondsText } from "../output/instant-text.ts";
import { type Column, toneOf } from "../output/listing.ts";
import { addNoun, examples } from "../program/noun.ts";
import { clientsOption, collect, parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";

type Entry = ItemOf<"listAudit">;

const columns: readonly Column<Entry>[] = [
  { header: "SEQ", text: (row) => row.seq, alignRight: true },
  { header: "AT", text: (row) => toSecondsText(row.at) },
  { header: "ACTOR", text: (row) => row.actor },
  { header: "VERB", text: (row) => row.verb },
  { header: "OUTCOME", text: (row) => row.outcome, tone: (row) => toneOf(row.outcome) },
  { header: "INSTANCE", text: (row) => row.instance },
  { header: "DAG", text: (row) => row.dag_id },
  { header: "RUN", text: (row) => row.dag_run_id },
  { header: "TASK", text: (row) => row.task_id, isWide: true },
  { header: "ACTION", text: (row) => row.action, isWide: true },
  { header: "FROM", text: (row) => row.source_ip, isWide: true },
  { header: "HASH", text: (row) => row.hash, isWide: true },
];

interface Options {
  readonly clients?: string;
  readonly actor?: string;
  readonly verb?: readonly string[];
  readonly dag?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
}

const list = act<Options>(async ({ session, options: { clients, actor, verb, dag, since, until, limit } }) => {
  const query = {
    limit: Math.min(limit, 1_000),
    ...(clients !== undefined && { instance: [...parseClients(clients)] }),
    ...(actor !== undefined && { actor }),
    ...(verb !== undefined && { verb: [...verb] }),
    ...(dag !== undefined && { dag_id: dag }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
  const rows: Entry[] = [];
  for await (const entry of session.client.items("listAudit", { query })) if (rows.push(entry) >= limit) break;
  await session.output.list({ columns, rows, nameOf: (row) => String(row.seq ?? "") });
});

const verify = act(async ({ session }) => {
  const found = await session.client.verifyAudit({}, { timeoutMs: 600_000 });
  await session.output.show(
    found,
    [
      { header: "INTACT", text: (it) => it.ok },
      { header: "ROWS", text: (it) => it.rows },
      { header: "LAST SEQ", text: (it) => it.last_seq },
      { header: "HEAD", text: (it) => it.head },
      { header: "BROKEN AT", text: (it) => it.broken_at },
      { header: "REASON", text: (it) => it.reason },
    ],
    found.head ?? "",
  );
  if (found.ok) return EXIT.ok;
  session.output.warn(
    `airfleet: AUDIT_CHAIN_BROKEN: The audit trail was changed at row ${found.broken_at}: ${found.reason}.`,
  );
  return EXIT.failure;
});

/** `airfleet audit …` */
export const addAuditCommands = (program: Command): void => {
  const noun = addNoun(program, "audit", "Who did what, where and when");
  noun
    .command("list")
    .description("List the audit trail, newest first")
    .addOption(clientsOption("all"))
    .option("--actor <name>", "only of this actor")
    .option("--verb <verbs>", "only these verbs, such as dag:pause", collect)
    .option("--dag <dag>", "only about this DAG")
    .option("--since <time>", "from this time on, RFC 3339")
    .option("--until <time>", "up to this time, RFC 3339")
    .option("--limit <n>", "at most this many", parseWhole(1, 1_000_000), 50)
    .addHelpText(
      "after",
      examples(
        "audit list",
        "audit list --verb run:trigger,run:clear --since 2026-11-20T00:00:00Z",
        "audit list --limit 100000 -o jsonl > audit.jsonl",
      ),
    )
    .action(list);
  noun
    .command("verify")
    .description("Recompute the hash chain over the whole trail; exit code 1 when it was changed")
    .addHelpText("after", examples("audit verify"))
    .action(verify);
};
