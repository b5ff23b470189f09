import type { Client } from "@airfleet/sdk";
import { type Command, Option } from "commander";
import { chooseInstances } from "../fleet/choose-instances.ts";
import { chooseDagTargets } from "../fleet/choose-dag-targets.ts";
import { EXIT } from "../failure/exit-codes.ts";
import { usageFailure } from "../failure/cli-failure.ts";
import { toSecondsText } from "../output/instant-text.ts";
import { type Column, toneOf } from "../output/listing.ts";
import { addNoun, examples } from "../program/noun.ts";
import { clientsOption, collect, parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import type { Session } from "../session/session.ts";
import { renderGraph } from "./render-graph.ts";

type DagRow = Awaited<ReturnType<Client["listDags"]>>["items"][number];
type Cell = DagRow["cells"][number];
type CellRow = Cell & { readonly dag_id: string };

const toState = (cell: Cell): string => {
  if (cell.has_import_errors) return "broken";
  if (cell.is_stale) return "gone";
  return cell.is_paused ? "paused" : "active";
};

const columns: readonly Column<CellRow>[] = [
  { header: "DAG", text: (row) => row.dag_id },
  { header: "INSTANCE", text: (row) => row.instance },
  { header: "STATE", text: toState, tone: (row) => (row.has_import_errors ? "bad" : toneOf(toState(row))) },
  { header: "SCHEDULE", text: (row) => row.schedule },
  { header: "LAST RUN", text: (row) => row.last_run?.state, tone: (row) => toneOf(row.last_run?.state ?? "") },
  { header: "STARTED", text: (row) => toSecondsText(row.last_run?.started_at) },
  { header: "NEXT RUN", text: (row) => toSecondsText(row.next_run?.run_after), isWide: true },
  { header: "TAGS", text: (row) => row.tags.join(","), isWide: true },
  { header: "OWNERS", text: (row) => row.owners.join(","), isWide: true },
  { header: "FILE", text: (row) => row.file, isWide: true },
  { header: "OBSERVED", text: (row) => toSecondsText(row.observed_at), isWide: true },
  { header: "STALE", text: (row) => (row.stale ? "stale" : ""), tone: () => "warning" },
];

const toCellRows = (row: DagRow): readonly CellRow[] => row.cells.map((cell) => ({ dag_id: row.dag_id, ...cell }));

interface ListOptions {
  readonly clients?: string;
  readonly tag?: readonly string[];
  readonly state?: readonly ("queued" | "running" | "success" | "failed" | "cancelled" | "lost")[];
  readonly text?: string;
  readonly paused?: boolean;
  readonly active?: boolean;
  readonly broken?: boolean;
  readonly limit?: number;
}

const list = act<ListOptions>(async ({ session, options }) => {
  const { clients, tag, state, text, paused, active, broken, limit } = options;
  const named = clients === undefined ? undefined : (await chooseInstances(session, clients)).map(({ id }) => id);
  const query = {
    ...(named !== undefined && { instance: [...named] }),
    ...(tag !== undefined && { tag: [...tag] }),
    ...(state !== undefined && { state: [...state] }),
    ...(text !== undefined && { text }),
    ...(paused === true && { paused: true }),
    ...(active === true && { paused: false }),
    ...(broken === true && { has_import_errors: true }),
    limit: Math.min(limit ?? 1_000, 1_000),
  };
  const rows: DagRow[] = [];
  const troubled = new Map<string, string>();
  for await (const page of session.client.pages("listDags", { query })) {
    rows.push(...page.items);
    for (const { instance, stale, error } of page.instances)
      if (stale) troubled.set(instance, error ?? "not read lately");
    if (limit !== undefined && rows.length >= limit) break;
  }
  const shown = rows.slice(0, limit);
  if (["json", "yaml", "jsonl", "name"].includes(session.output.format)) {
    await session.output.list({ columns: [], rows: shown, nameOf: (row) => row.dag_id });
  } else {
    const whenEmpty = "See which instances there are, and whether they were read, with: airfleet status";
    await session.output.list({ columns, rows: shown.flatMap(toCellRows), nameOf: (row) => row.dag_id, whenEmpty });
  }
  for (const [instance, why] of troubled) session.output.note(`What is shown of ${instance} may be old: ${why}`);
});

const show = act<{ readonly clients?: string }>(async ({ session, options, args: [dagId = ""] }) => {
  // Unknown DAGs get the nearest name from here.
  const targets = await chooseDagTargets(session, dagId, options.clients);
  const row = await session.client.getFleetDag({ params: { dag_id: dagId } });
  const wanted = new Set(targets.map(({ instance }) => instance));
  const cells = { ...row, cells: row.cells.filter(({ instance }) => wanted.has(instance)) };
  await session.output.list({
    columns,
    rows: toCellRows(cells),
    nameOf: (cell) => cell.instance,
  });
});

/** One instance that has the DAG: the named one, or the first. */
const oneOf = async (session: Session, dagId: string, clients: string | undefined): Promise<string> => {
  const [first, ...others] = await chooseDagTargets(session, dagId, clients);
  if (first === undefined) throw usageFailure(`No instance has a DAG "${dagId}".`);
  if (others.length > 0)
    session.output.note(`From ${first.instance}; also on ${others.map(({ instance }) => instance).join(", ")}.`);
  return first.instance;
};

const source = act<{ readonly clients?: string }>(async ({ session, options, args: [dag_id = ""] }) => {
  const instance = await oneOf(session, dag_id, options.clients);
  const found = await session.client.getDagSource({ params: { instance, dag_id } });
  if (["table", "wide"].includes(session.output.format)) session.output.text(found.source.replace(/\n?$/, "\n"));
  else await session.output.show(found, [{ header: "SOURCE", text: (it) => it.source }], found.dag_id);
});

const graph = act<{ readonly clients?: string }>(async ({ session, options, args: [dag_id = ""] }) => {
  const instance = await oneOf(session, dag_id, options.clients);
  const found = await session.client.getDagGraph({ params: { instance, dag_id } });
  if (["table", "wide"].includes(session.output.format)) {
    session.output.text(renderGraph(found));
    return EXIT.ok;
  }
  if (["json", "yaml"].includes(session.output.format)) {
    await session.output.show(found, [], found.dag_id);
    return EXIT.ok;
  }
  await session.output.list({
    columns: [
      { header: "TASK", text: (node) => node.task_id },
      { header: "OPERATOR", text: (node) => node.operator },
      {
        header: "DOWNSTREAM",
        text: (node) =>
          found.edges
            .filter((edge) => edge.source === node.task_id)
            .map(({ target }) => target)
            .join(" "),
      },
    ],
    rows: found.nodes,
    nameOf: (node) => node.task_id,
  });
  return EXIT.ok;
});

/** `airfleet dags …` */
export const addDagCommands = (program: Command): void => {
  const noun = addNoun(program, "dags", "DAGs over the fleet");
  noun
    .command("list")
    .description("List DAGs: a line per DAG and instance, from what the server last read")
    .addOption(clientsOption("all"))
    .option("--tag <tags>", "with any of these tags", collect)
    .addOption(new Option("--state <states>", "whose last run is in one of these states").argParser(collect))
    .option("--text <text>", "with this in the id, name or description")
    .addOption(new Option("--paused", "only paused ones").conflicts("active"))
    .option("--active", "only ones that are not paused")
    .option("--broken", "only ones with import errors")
    .option("--limit <n>", "at most this many DAGs", parseWhole(1, 100_000))
    .addHelpText(
      "after",
      examples(
        "dags list",
        "dags list --state failed --clients eu-1,eu-2",
        "dags list --tag tier1 -o name | xargs -n1 airfleet pause",
      ),
    )
    .action(list);
  noun
    .command("show <dag>")
    .description("Show a DAG on every instance that has it")
    .addOption(clientsOption("all that have it"))
    .addHelpText("after", examples("dags show orders_daily", "dags show orders_daily -o json"))
    .action(show);
  noun
    .command("source <dag>")
    .description("Print the source text of a DAG's file, read from the instance now")
    .addOption(clientsOption("the first that has it"))
    .addHelpText("after", examples("dags source orders_daily --clients eu-1"))
    .action(source);
  noun
    .command("graph <dag>")
    .description("Print the tasks of a DAG and what follows what, read from the instance now")
    .addOption(clientsOption("the first that has it"))
    .addHelpText("after", examples("dags graph orders_daily --clients eu-1", "dags graph orders_daily --json"))
    .action(graph);
};
