import { type Command, Option } from "commander";
import { chooseInstances, type Instance, listAllInstances, readInstance } from "../fleet/choose-instances.ts";
import { gather } from "../fleet/gather.ts";
import { describeFailure } from "../failure/describe-failure.ts";
import { combineExitCodes, EXIT } from "../failure/exit-codes.ts";
import { toSecondsText } from "../output/instant-text.ts";
import { type Column, toneOf } from "../output/listing.ts";
import { addRemoveCommand } from "../program/definition-commands.ts";
import { addNoun, examples } from "../program/noun.ts";
import { clientsOption } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import { type NewInstanceOptions, toNewInstance } from "./new-instance.ts";

const toWhole = (value: number | null): number | null => (value === null ? null : Math.round(value));

const columns: readonly Column<Instance>[] = [
  { header: "ID", text: (row) => row.id },
  { header: "STATE", text: (row) => row.status.state, tone: (row) => toneOf(row.status.state) },
  { header: "VERSION", text: (row) => row.status.version },
  { header: "TIER", text: (row) => row.tier, tone: (row) => toneOf(row.tier) },
  { header: "URL", text: (row) => row.url },
  { header: "NAME", text: (row) => row.name, isWide: true },
  { header: "AUTH", text: (row) => row.auth.type, isWide: true },
  { header: "SOURCE", text: (row) => row.source, isWide: true },
  { header: "LATENCY MS", text: (row) => toWhole(row.status.latency_ms), isWide: true, alignRight: true },
  { header: "OBSERVED", text: (row) => toSecondsText(row.status.observed_at) },
  { header: "ERROR", text: (row) => row.status.error?.code },
];

const fields: readonly Column<Instance>[] = [
  ...columns.slice(0, -1).map((column) => ({ ...column, isWide: false })),
  { header: "DESCRIPTION", text: (row) => row.description },
  {
    header: "LABELS",
    text: (row) =>
      Object.entries(row.labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(" "),
  },
  { header: "USER", text: (row) => row.auth.username },
  { header: "SUPPORT", text: (row) => row.status.support },
  {
    header: "COMPONENTS",
    text: (row) => row.status.components.map(({ name, status }) => `${name}=${status}`).join(" "),
  },
  { header: "STALE", text: (row) => row.status.stale },
  {
    header: "ERROR",
    text: (row) => (row.status.error === null ? null : `${row.status.error.code}: ${row.status.error.message}`),
  },
];

const list = act(async ({ session }) => {
  const whenEmpty = "Name an Airflow in airfleet.yaml, or add one with: airfleet instances add --help";
  await session.output.list({ columns, rows: await listAllInstances(session), nameOf: (row) => row.id, whenEmpty });
});

const show = act(async ({ session, args: [instance = ""] }) => {
  const found = await readInstance(session, instance);
  await session.output.show(found, fields, found.id);
});

const add = act<NewInstanceOptions>(async ({ session, options, args: [id = ""] }) => {
  const made = await session.client.createInstance({ body: await toNewInstance(id, options) });
  await session.output.show(made, fields, made.id);
});

type Probed = Pick<Instance, "id"> & {
  readonly reachable: boolean;
  readonly authenticated: boolean;
  readonly state: string | null;
  readonly version: string | null;
  readonly latency_ms: number | null;
  readonly code: string | null;
  readonly message: string | null;
};

const probeColumns: readonly Column<Probed>[] = [
  { header: "INSTANCE", text: (row) => row.id },
  { header: "REACHABLE", text: (row) => row.reachable },
  { header: "SIGNED IN", text: (row) => row.authenticated },
  { header: "STATE", text: (row) => row.state, tone: (row) => toneOf(row.state ?? "") },
  { header: "VERSION", text: (row) => row.version },
  { header: "LATENCY MS", text: (row) => toWhole(row.latency_ms), alignRight: true },
  { header: "CODE", text: (row) => row.code },
  { header: "REMARK", text: (row) => row.message },
];

const probe = act<{ readonly clients?: string }>(async ({ session, options, args: [instance] }) => {
  const instances = await chooseInstances(session, instance ?? options.clients);
  const probed = await gather(instances, ({ id }) => session.client.probeInstance({ params: { instance: id } }));
  const exitCodes: number[] = [];
  const rows = probed.map((one): Probed => {
    if (one.ok) {
      const { reachable, authenticated, status } = one.answer;
      const { state, version, latency_ms, error } = status;
      exitCodes.push(reachable ? (authenticated ? EXIT.ok : EXIT.forbidden) : EXIT.unavailable);
      return {
        id: one.item.id,
        reachable,
        authenticated,
        state,
        version,
        latency_ms,
        code: error?.code ?? null,
        message: error?.message ?? null,
      };
    }
    const { code, message, exitCode } = describeFailure(one.error);
    exitCodes.push(exitCode);
    const nothing = { state: null, version: null, latency_ms: null };
    return { id: one.item.id, reachable: false, authenticated: false, ...nothing, code, message };
  });
  await session.output.list({ columns: probeColumns, rows, nameOf: (row) => row.id });
  return combineExitCodes(exitCodes);
});

/** `airfleet instances …` */
export const addInstanceCommands = (program: Command): void => {
  const noun = addNoun(program, "instances", "The deployments of the fleet");
  noun
    .command("list")
    .description("List the instances with their health")
    .addHelpText("after", examples("instances list", "instances list -o wide", "instances list -o name"))
    .action(list);
  noun
    .command("show <instance>")
    .description("Show one instance")
    .addHelpText("after", examples("instances show eu-prod-1", "instances show eu-prod-1 -o yaml"))
    .action(show);
  noun
    .command("add <id>")
    .description("Add an instance; its credentials are kept encrypted on the server")
    .requiredOption("--url <url>", "base URL of its web server, without /api/v1 or /api/v2")
    .addOption(
      new Option("--auth <type>", "how we sign in").choices(["basic", "login", "bearer", "none"]).default("basic"),
    )
    .option("--username <name>", "user to sign in as")
    .option(
      "--password-file <file>",
      'file with the password or token; "-" reads stdin (env: AIRFLEET_INSTANCE_PASSWORD)',
    )
    .option("--name <name>", "what people call it")
    .option("--description <text>", "what it is for")
    .addOption(new Option("--tier <tier>", "how much care it needs").choices(["production", "staging", "development"]))
    .option("--label <name=value...>", "labels")
    .option("--disabled", "add it without using it yet")
    .addHelpText(
      "after",
      examples(
        "instances add eu-1 --url https://airflow.example.org --username airfleet --password-file ./pw",
        "instances add eu-2 --url http://10.0.0.5:8080 --auth bearer --password-file - < token.txt",
      ),
    )
    .action(add);
  addRemoveCommand(noun, {
    argument: "instance",
    example: "eu-1",
    read: readInstance,
    idOf: ({ id }) => id,
    description: "Forget an instance that was added with `instances add`; its history stays",
    question: (instance) => `Forget instance "${instance}" and its credentials?`,
    remove: ({ client }, instance, terms) => client.deleteInstance({ params: { instance } }, terms),
  });
  noun
    .command("probe [instance]")
    .description("Ask instances for version, health and abilities now")
    .addOption(clientsOption("all enabled"))
    .addHelpText(
      "after",
      examples("instances probe", "instances probe eu-prod-1", "instances probe --clients eu-1,eu-2 --json"),
    )
    .action(probe);
};
