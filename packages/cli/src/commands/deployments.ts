import type { CallInput } from "@airfleet/sdk";
import type { Command } from "commander";
import { confirmLoss } from "../fleet/confirm-production.ts";
import {
  columns,
  confirmed,
  type Deployment,
  fields,
  finish,
  nameOf,
  type WaitOptions,
  withWaiting,
} from "../fleet/follow-deployments.ts";
import { addNoun, examples } from "../program/noun.ts";
import { collect, parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";

type ListQuery = NonNullable<CallInput<"listDeployments">["query"]>;

/** Longest time that the server waits at once. */
const SERVER_WAIT_SECONDS = 25;

interface ListOptions {
  readonly pipeline?: string;
  readonly instance?: readonly string[];
  readonly state?: readonly string[];
  readonly current?: boolean;
  readonly limit: number;
}

const list = act<ListOptions>(async ({ session, options }) => {
  const { pipeline, instance, state, current, limit } = options;
  const query = {
    limit: Math.min(limit, 1_000),
    ...(pipeline !== undefined && { pipeline_id: pipeline }),
    ...(instance !== undefined && { instance: [...instance] }),
    ...(state !== undefined && { state: [...state] as Deployment["state"][] }),
    ...(current === true && { current: true }),
  } satisfies ListQuery;
  const rows: Deployment[] = [];
  for await (const row of session.client.items("listDeployments", { query })) {
    if (rows.push(row) >= limit) break;
  }
  await session.output.list({
    columns,
    rows,
    nameOf,
    whenEmpty: "Deploy with: airfleet deploy <pipeline> --instance <id>",
  });
});

const show = act(async ({ session, args: [deployment = ""] }) => {
  const found = await session.client.getDeployment({ params: { deployment } });
  await session.output.show(found, fields, found.id);
});

const rollback = act<WaitOptions>(async ({ session, options, args: [deployment = ""] }) => {
  const params = { deployment };
  const { instance } = await session.client.getDeployment({ params });
  const body = await confirmed(session, [instance], `roll back ${deployment}`, options.confirm);
  await finish(
    session,
    [await session.client.rollbackDeployment({ params, body }, { prefer: "respond-async" })],
    options,
  );
});

const remove = act<WaitOptions & { readonly yes?: boolean }>(async ({ session, options, args }) => {
  const [pipeline = "", instance = ""] = args;
  await confirmLoss(session, `Pause pipeline ${pipeline} on ${instance} and remove its file?`, options.yes === true);
  const query = await confirmed(session, [instance], `remove pipeline ${pipeline}`, options.confirm);
  const removing = await session.client.removeDeployment(
    { params: { pipeline, instance }, query },
    { prefer: { wait: SERVER_WAIT_SECONDS } },
  );
  const runs = removing.runs_in_flight ?? [];
  if (runs.length > 0) session.output.warn(`These runs go on: ${runs.join(", ")}`);
  await finish(session, [removing], options);
});

/** `airfleet deployments …` */
export const addDeploymentCommands = (program: Command): void => {
  const noun = addNoun(program, "deployments", "Where pipelines were brought, and how far they have come");
  noun
    .command("list")
    .description("List deployments, newest first")
    .option("--pipeline <id>", "only of this pipeline")
    .option("--instance <ids>", "only on these, with commas between", collect)
    .option("--state <states>", "only in these states, with commas between", collect)
    .option("--current", "only the newest of each pipeline on each instance")
    .option("--limit <n>", "at most so many", parseWhole(1, 100_000), 100)
    .addHelpText("after", examples("deployments list --current", "deployments list --state broken,failed"))
    .action(list);
  noun
    .command("show <deployment>")
    .description("Show a deployment with the time of each state")
    .addHelpText("after", examples("deployments show dpl_06bqk0x5v8mzn3w1c9t7e2d4rf"))
    .action(show);
  withWaiting(noun.command("rollback <deployment>").description("Bring back what the instance served before"))
    .addHelpText("after", examples("deployments rollback dpl_06bqk0x5v8mzn3w1c9t7e2d4rf --wait"))
    .action(rollback);
  withWaiting(noun.command("remove <pipeline> <instance>").description("Pause a pipeline's DAG and remove its file"))
    .option("-y, --yes", "do not ask")
    .addHelpText("after", examples("deployments remove 3b9c1f0e-… dev-1 --yes"))
    .action(remove);
};
