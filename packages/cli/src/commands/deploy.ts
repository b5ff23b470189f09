import type { CallInput, ItemOf } from "@airfleet/sdk";
import type { Command } from "commander";
import { CliFailure } from "../failure/cli-failure.ts";
import { EXIT } from "../failure/exit-codes.ts";
import { confirmLoss, confirmProduction } from "../fleet/confirm-production.ts";
import { toSecondsText } from "../output/instant-text.ts";
import { type Column, toneOf } from "../output/listing.ts";
import { addNoun, examples } from "../program/noun.ts";
import { collect, parseSeconds, parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import type { Session } from "../session/session.ts";

type Deployment = ItemOf<"listDeployments">;
type ListQuery = NonNullable<CallInput<"listDeployments">["query"]>;

interface WaitOptions {
  readonly wait?: boolean;
  readonly timeout?: number;
  readonly confirm?: string;
}

/** Longest time that the server waits at once. */
const SERVER_WAIT_SECONDS = 25;
/** Longer than an Airflow as it is shipped takes to find a new file. */
const WAIT_SECONDS = 600;
const GOING: ReadonlySet<string> = new Set(["pending", "written", "parsed", "live", "removing"]);
const FAILED: ReadonlySet<string> = new Set(["broken", "failed"]);

const placeOf = ({ error }: Deployment): string => {
  if (error === null) return "";
  const where = [error.node === null ? "" : `node ${error.node}`, error.field === null ? "" : `field ${error.field}`];
  const named = where.filter((part) => part !== "").join(", ");
  return named === "" ? error.message : `${named}: ${error.message}`;
};

const columns: readonly Column<Deployment>[] = [
  { header: "ID", text: (row) => row.id },
  { header: "AT", text: (row) => toSecondsText(row.created_at) },
  { header: "PIPELINE", text: (row) => row.pipeline_id },
  { header: "REVISION", text: (row) => row.revision, alignRight: true },
  { header: "INSTANCE", text: (row) => row.instance },
  { header: "STATE", text: (row) => row.state, tone: (row) => toneOf(row.state) },
  { header: "HASH", text: (row) => row.artifact_hash.slice(0, 12) },
  { header: "BY", text: (row) => `${row.origin} ${row.requested_by}`, isWide: true },
  { header: "TARGET", text: (row) => row.target, isWide: true },
  { header: "REMARK", text: (row) => placeOf(row) || (row.scan === null ? "" : row.scan.text) },
];

const fields: readonly Column<Deployment>[] = [
  ...columns.map((column) => ({ ...column, isWide: false })),
  { header: "DAG", text: (row) => row.dag_id },
  {
    header: "STATES",
    text: (row) =>
      Object.entries(row.state_times)
        .map(([state, at]) => `${state} ${toSecondsText(at)}`)
        .join(", "),
  },
  { header: "EXPECTED", text: (row) => toSecondsText(row.expected_at) },
  { header: "LINE", text: (row) => row.error?.line },
];

const nameOf = (row: Deployment): string => row.id;

/** Follows deployments to their end, each change told once. */
const follow = async (
  session: Session,
  first: readonly Deployment[],
  { wait = false, timeout = WAIT_SECONDS }: WaitOptions,
): Promise<readonly Deployment[]> => {
  if (!wait) return first;
  const deadline = Date.now() + timeout * 1_000;
  const told = new Map<string, string>();
  let now = first;
  for (;;) {
    for (const one of now) {
      if (told.get(one.id) === one.state) continue;
      told.set(one.id, one.state);
      session.output.note(`${one.instance}: ${one.state}${one.scan === null ? "" : ` (${one.scan.text})`}`);
    }
    if (!now.some(({ state }) => GOING.has(state)) || Date.now() > deadline) return now;
    await new Promise((resolve) => setTimeout(resolve, 500));
    now = await Promise.all(now.map(({ id }) => session.client.getDeployment({ params: { deployment: id } })));
  }
};

/** Shows what came of it, and fails where it failed or is not over in time. */
const finish = async (session: Session, first: readonly Deployment[], options: WaitOptions): Promise<void> => {
  const rows = await follow(session, first, options);
  await session.output.list({ columns, rows, nameOf });
  const failed = rows.find(({ state }) => FAILED.has(state));
  if (failed !== undefined) {
    throw new CliFailure({
      code: failed.error?.code ?? "DEPLOY_TARGET_REFUSED",
      message: `${failed.instance}: ${placeOf(failed) || failed.state}`,
      exitCode: EXIT.failure,
      fix: `airfleet deployments show ${failed.id}`,
    });
  }
  const late = options.wait === true ? rows.find(({ state }) => GOING.has(state)) : undefined;
  if (late === undefined) return;
  throw new CliFailure({
    code: "DEPLOYMENT_NOT_LIVE",
    message: `${late.instance} is ${late.state} still; the deployment goes on.`,
    exitCode: EXIT.timeout,
    fix: `airfleet deployments show ${late.id}`,
  });
};

const tiersOf = async (session: Session, ids: readonly string[]) => {
  const known = await Array.fromAsync(session.client.items("listInstances", {}));
  return known.filter(({ id }) => ids.includes(id)).map(({ id, tier }) => ({ instance: id, tier }));
};

/** What the server wants to be told: the id of the one production instance, or how many there are. */
const confirmed = async (
  session: Session,
  instances: readonly string[],
  deed: string,
  given: string | undefined,
): Promise<{ readonly confirm?: string }> => {
  const guarded = await tiersOf(session, instances);
  await confirmProduction(session, guarded, deed, given);
  const production = guarded.filter(({ tier }) => tier === "production").map(({ instance }) => instance);
  const [only] = production;
  if (only === undefined) return {};
  return { confirm: production.length === 1 ? only : `${production.length} production` };
};

interface DeployOptions extends WaitOptions {
  readonly instance?: readonly string[];
  readonly environment?: string;
  readonly dryRun?: boolean;
}

const deploy = act<DeployOptions>(async ({ session, options, args: [pipeline = ""] }) => {
  const { instance, environment, dryRun = false } = options;
  const params = { pipeline };
  const place = environment === undefined ? { instances: [...(instance ?? [])] } : { environment };
  const planned = await session.client.deployPipeline({ params, body: { ...place, dry_run: true } });
  if (dryRun) {
    for (const item of planned.items) {
      const what =
        item.present_hash === null
          ? "first deployment"
          : item.present_hash === item.artifact_hash
            ? "the same version again"
            : "another version";
      session.output.note(`${item.instance}: ${what} of ${item.dag_id}, revision ${item.revision}, by ${item.target}`);
    }
    return;
  }
  const instances = planned.items.map((item) => item.instance);
  const confirm = await confirmed(session, instances, `deploy pipeline ${pipeline}`, options.confirm);
  const asked = await session.client.deployPipeline(
    { params, body: { ...place, ...confirm } },
    { prefer: "respond-async" },
  );
  await finish(
    session,
    asked.items.flatMap((item) => item.deployment ?? []),
    options,
  );
});

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

interface PromoteOptions extends WaitOptions {
  readonly from: string;
  readonly to: string;
  readonly dryRun?: boolean;
  readonly allowMissing?: boolean;
}

const promote = act<PromoteOptions>(async ({ session, options, args: [pipeline = ""] }) => {
  const { from, to, dryRun = false, allowMissing = false } = options;
  const params = { pipeline };
  const planned = await session.client.promotePipeline({ params, body: { from, to, dry_run: true } });
  const { difference, missing, unread, revision } = planned;
  const note = (text: string): void => session.output.note(text);
  if (session.output.format !== "table" && session.output.format !== "wide" && dryRun) {
    await session.output.show(planned, [], pipeline);
    return;
  }
  note(
    difference === null
      ? `Nothing of it is on ${to} yet; revision ${revision} would be the first.`
      : `Revision ${revision} to ${to}:`,
  );
  for (const part of ["nodes", "edges"] as const) {
    for (const change of ["added", "removed", "changed"] as const) {
      for (const id of difference?.[part][change] ?? []) note(`  ${part.slice(0, -1)} ${change}: ${id}`);
    }
  }
  for (const field of difference?.fields ?? []) note(`  changed: ${field}`);
  for (const { kind, name } of missing) note(`  missing on ${to}: ${kind} ${name}`);
  for (const text of unread) note(`  not read on ${to}: ${text}`);
  if (dryRun) return;
  const confirm = await confirmed(session, [to], `promote pipeline ${pipeline}`, options.confirm);
  const body = { from, to, allow_missing: allowMissing, ...confirm };
  const { deployment } = await session.client.promotePipeline({ params, body }, { prefer: "respond-async" });
  await finish(session, deployment === null ? [] : [deployment], options);
});

const withWaiting = (command: Command): Command =>
  command
    .option("--wait", "follow it until a run would work with it")
    .option("--timeout <time>", `how long to follow it, such as 90 or 5m (default: ${WAIT_SECONDS})`, parseSeconds)
    .option("--confirm <text>", 'for production: the instance id, or "N production"');

/** `airfleet deploy …`, `airfleet deployments …`, `airfleet promote …` */
export const addDeployCommands = (program: Command): void => {
  withWaiting(
    program
      .command("deploy <pipeline>")
      .description("Bring a pipeline to instances, and see that this version is live there")
      .option("--instance <ids>", "to these, with commas between", collect)
      .option("--environment <name>", "to the instances of one of its environments")
      .option("--dry-run", "say what would be done"),
  )
    .addHelpText(
      "after",
      examples("deploy 3b9c1f0e-… --instance dev-1 --wait", "deploy 3b9c1f0e-… --environment prod --confirm eu-prod-1"),
    )
    .action(deploy);
  withWaiting(
    program
      .command("promote <pipeline>")
      .description("Bring to one instance the revision that another has")
      .requiredOption("--from <instance>", "where the revision is now")
      .requiredOption("--to <instance>", "where it is to be")
      .option("--allow-missing", "also where the target lacks connections or pools")
      .option("--dry-run", "say what would change and what is missing there"),
  )
    .addHelpText("after", examples("promote 3b9c1f0e-… --from dev-1 --to prod-1 --dry-run"))
    .action(promote);
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
