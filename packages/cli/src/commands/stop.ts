import type { CallInput } from "@airfleet/sdk";
import { type Command, Option } from "commander";
import { CliFailure, usageFailure } from "../failure/cli-failure.ts";
import { combineExitCodes, EXIT, toExitCode } from "../failure/exit-codes.ts";
import { actOnMany, type ActOptions, type Deed, type Target } from "../fleet/act-on-many.ts";
import { awaitAction } from "../fleet/await-action.ts";
import { parseClients } from "../fleet/choose-instances.ts";
import { confirmLoss, confirmProduction, toExpectedConfirmation } from "../fleet/confirm-production.ts";
import { findFleetRun, namesRun } from "../fleet/find-fleet-run.ts";
import { findRuns } from "../fleet/find-run.ts";
import { gather } from "../fleet/gather.ts";
import { type Outcome, printOutcomes, printPlan } from "../fleet/outcomes.ts";
import { examples } from "../program/noun.ts";
import { actOptions, clientsOption, collect, parseSeconds } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import type { Session } from "../session/session.ts";

type Body = NonNullable<CallInput<"stopFleetRuns">["body"]>;
type State = NonNullable<Body["states"]>[number];
type Listed = Awaited<ReturnType<Session["client"]["stopFleetRuns"]>>["items"][number];

interface StopOptions extends ActOptions {
  readonly clients?: string;
  readonly instance?: readonly string[];
  readonly dag?: readonly string[];
  readonly state?: readonly string[];
  readonly selector?: string;
  readonly teardown?: boolean;
  readonly delete?: boolean;
}

/** As the server waits for signs that processes are gone, where nothing else is said. */
const BOUND_SECONDS = 120;
/** Longer than the server waits, to be told what came of it. */
const GRACE_SECONDS = 30;
const STATES: readonly State[] = ["queued", "running"];
const ENDED: ReadonlySet<string> = new Set(["success", "failed", "cancelled", "lost"]);

const waitSeconds = ({ timeout }: StopOptions): number => (timeout ?? BOUND_SECONDS) + GRACE_SECONDS;

const toWish = ({ timeout, teardown, delete: isDelete }: StopOptions) => ({
  ...(timeout !== undefined && { timeout }),
  ...(teardown === true && { teardown: true }),
  ...(isDelete === true && { delete: true }),
});

type RunTarget = Target & { readonly runId: string; readonly state: string };

const preview = async ({ state }: RunTarget): Promise<string> =>
  ENDED.has(state) ? `change nothing: it is ${state}` : `stop it (${state})`;

/** One run by its address, or the run of this id wherever it is. */
const stopNamed = async (
  session: Session,
  [first = "", second]: readonly string[],
  options: StopOptions,
): Promise<number> => {
  const targets: RunTarget[] = [];
  if (second === undefined) {
    if (!namesRun(first)) throw usageFailure(`"${first}" names no run.`, "Give a DAG and a run, or instance/dag/run.");
    const run = await findFleetRun(session, first);
    const { items } = await session.client.listInstances({});
    const tier = items.find(({ id }) => id === run.instance)?.tier ?? "production";
    targets.push({ instance: run.instance, tier, dagId: run.dag_id, runId: run.dag_run_id, state: run.state });
  } else {
    for (const { instance, run } of await findRuns(session, { dagId: first, runId: second }, options.clients)) {
      targets.push({ instance: instance.id, tier: instance.tier, dagId: first, runId: second, state: run.state });
    }
  }
  const deed: Deed<RunTarget> = {
    words: `stop ${targets[0]?.runId} of ${targets[0]?.dagId}`,
    isGuarded: true,
    perform: ({ instance, dagId, runId }, confirm, call) =>
      session.client.stopRun(
        { params: { instance, dag_id: dagId, dag_run_id: runId }, body: { ...toWish(options), ...confirm } },
        call,
      ),
    preview,
  };
  return actOnMany(session, targets, deed, { ...options, timeout: waitSeconds(options) });
};

const toStates = (given: readonly string[] | undefined): readonly State[] | undefined => {
  const wrong = given?.find((word) => !STATES.some((state) => state === word));
  if (wrong === undefined) return given as readonly State[] | undefined;
  throw usageFailure(`"${wrong}" is no state of a run that can be stopped.`, `Possible: ${STATES.join(", ")}.`);
};

const toFilters = ({ dag, state, instance, clients, selector }: StopOptions): Partial<Body> => {
  const states = toStates(state);
  const instances = instance ?? (clients === undefined ? undefined : parseClients(clients));
  return {
    ...(dag !== undefined && { dag_ids: [...dag] }),
    ...(states !== undefined && { states: [...states] }),
    ...(instances !== undefined && { instances: [...instances] }),
    ...(selector !== undefined && { selector }),
  };
};

const toOutcome = ({ instance, dag_id, dag_run_id, action, error }: Listed): Outcome => {
  const state = action?.state ?? "failed";
  const failure = error ?? action?.error ?? null;
  const late = state === "pending";
  return {
    instance: instance ?? "",
    dag_id: dag_id ?? "",
    dag_run_id,
    task_id: null,
    map_index: null,
    outcome: state,
    code: failure?.code ?? null,
    message: failure?.message ?? (late ? `Not over yet; look again with: airfleet actions show ${action?.id}` : null),
    warnings: action?.warnings.map(({ message }) => message) ?? [],
    action: action?.id ?? null,
    after: action?.after ?? null,
    exitCode: failure !== null ? toExitCode(failure.code) : late ? EXIT.timeout : EXIT.ok,
  };
};

/** All runs that the filters find: shown first, then stopped as they were shown. */
const stopFound = async (session: Session, options: StopOptions): Promise<number> => {
  const { client, output } = session;
  const filters = toFilters(options);
  const { items, list_hash } = await client.stopFleetRuns({ body: { ...filters, dry_run: true } });
  const instances = await client.listInstances({});
  const tiers = new Map(instances.items.map(({ id, tier }) => [id, tier]));
  const targets = items.map(({ instance, dag_id, dag_run_id, state }) => ({
    instance: instance ?? "",
    tier: tiers.get(instance ?? "") ?? "production",
    dagId: dag_id ?? "",
    runId: dag_run_id ?? "",
    would: `stop it (${state})`,
  }));
  if (options.dryRun === true) return printPlan(session, targets);
  if (targets.length === 0) {
    throw new CliFailure({ code: "RUN_UNKNOWN", message: "No run to stop was found.", exitCode: EXIT.notFound });
  }
  await confirmProduction(session, targets, `stop ${targets.length} runs`, options.confirm);
  const question = `Stop ${targets.length} ${targets.length === 1 ? "run" : "runs"}?`;
  if (options.confirm === undefined) await confirmLoss(session, question, options.yes === true);
  const production = [...new Set(targets.filter(({ tier }) => tier === "production").map(({ instance }) => instance))];
  const confirm = production.length === 0 ? {} : { confirm: toExpectedConfirmation(production) };
  const body = { ...filters, ...toWish(options), ...confirm, list_hash };
  const asked = await client.stopFleetRuns({ body }, { prefer: "respond-async" });
  const deadline = Date.now() + waitSeconds(options) * 1_000;
  const followed = await gather(asked.items, async (item) =>
    options.wait === false || item.action === null
      ? item
      : { ...item, action: await awaitAction(client, item.action, deadline) },
  );
  const outcomes = followed.map((one) => {
    const outcome = toOutcome(one.ok ? one.answer : one.item);
    return options.wait === false && outcome.outcome === "pending"
      ? { ...outcome, message: null, exitCode: EXIT.ok }
      : outcome;
  });
  await printOutcomes(output, outcomes);
  return combineExitCodes(outcomes.map(({ exitCode }) => exitCode));
};

const stop = act<StopOptions>(async ({ session, options, args }) => {
  const { dag, state, instance, selector } = options;
  const hasFilters = [dag, state, instance, selector].some((filter) => filter !== undefined);
  if (args.length > 0 && hasFilters) throw usageFailure("A run and filters do not go together.", "Leave one of them.");
  if (args.length > 0) return stopNamed(session, args, options);
  if (hasFilters) return stopFound(session, options);
  throw usageFailure("Nothing says what to stop.", "Name a run, or give --dag, --state, --instance or --selector.");
});

/** Gives a command the options of stopping, and the code behind them. */
export const makeStopCommand = (command: Command, words: string): void => {
  command
    .description("Stop a run, or many: fail it, and find out that the processes of its tasks are gone")
    .addOption(clientsOption("all enabled that have it"))
    .addOption(new Option("--dag <dags>", "all runs of these DAGs").argParser(collect))
    .addOption(new Option("--state <states>", "all in these states: queued, running").argParser(collect))
    .addOption(new Option("--instance <ids>", "all on these instances").argParser(collect))
    .option("--selector <terms>", 'all that this picks, such as "instance=eu-* tag=tier1"')
    .option("--teardown", "end teardown tasks too, which Airflow lets finish")
    .option("--delete", "delete the engine's run once its processes are gone; what Airfleet knows stays")
    .addHelpText(
      "after",
      examples(
        `${words} orders_daily af_01 --clients eu-1`,
        `${words} eu-1/orders_daily/af_01 --timeout 5m`,
        `${words} --dag orders_daily --state running --instance eu-1 --dry-run`,
        `${words} --selector "instance=eu-* tag=tier1" --yes --confirm "2 production"`,
      ),
    )
    .action(stop);
  for (const option of actOptions()) if (option.long !== "--timeout") command.addOption(option);
  command.addOption(
    new Option(
      "--timeout <time>",
      "how long signs of the end are waited for (default: as the instance is set)",
    ).argParser(parseSeconds),
  );
};

/** `airfleet stop …` */
export const addStopCommand = (program: Command): void =>
  makeStopCommand(program.command("stop [dag-or-run] [run]"), "stop");
