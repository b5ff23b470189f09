import { AirfleetApiError } from "@airfleet/sdk";
import type { Command } from "commander";
import { CliFailure } from "../failure/cli-failure.ts";
import { EXIT } from "../failure/exit-codes.ts";
import { actOnMany, type ActOptions, type Target } from "../fleet/act-on-many.ts";
import { chooseDagTargets } from "../fleet/choose-dag-targets.ts";
import { findRuns } from "../fleet/find-run.ts";
import { gather } from "../fleet/gather.ts";
import { examples } from "../program/noun.ts";
import { actOptions, clientsOption, collect } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import type { Session } from "../session/session.ts";

interface Options extends ActOptions {
  readonly clients?: string;
  readonly task?: readonly string[];
  readonly all?: boolean;
}

type RunTarget = Target & { readonly runId: string };

/** The newest failed run of a DAG on each instance that has one. */
const findFailedRuns = async (
  session: Session,
  dagId: string,
  clients: string | undefined,
): Promise<readonly RunTarget[]> => {
  const targets = await chooseDagTargets(session, dagId, clients, { isActing: true });
  const read = await gather(targets, ({ instance }) =>
    session.client.listRuns({ params: { instance, dag_id: dagId }, query: { state: ["failed"], limit: 1 } }),
  );
  const found = read.flatMap((one) => {
    const [run] = one.ok ? one.answer.items : [];
    return run === undefined ? [] : [{ ...one.item, runId: run.dag_run_id }];
  });
  if (found.length > 0) return found;
  for (const one of read)
    if (!one.ok && !(one.error instanceof AirfleetApiError && one.error.status === 404)) throw one.error;
  throw new CliFailure({
    code: "RUN_UNKNOWN",
    message: `"${dagId}" has no failed run on ${targets.map(({ instance }) => instance).join(", ")}.`,
    exitCode: EXIT.notFound,
    fix: "Name a run to clear it whatever its state: airfleet clear <dag> <run>",
  });
};

const findNamedRuns = async (
  session: Session,
  dagId: string,
  runId: string,
  clients: string | undefined,
): Promise<readonly RunTarget[]> => {
  const found = await findRuns(session, { dagId, runId }, clients);
  return found.map(({ instance }) => ({ instance: instance.id, tier: instance.tier, dagId, runId }));
};

const readTasks = (after: Readonly<Record<string, unknown>> | null): string => {
  const tasks = after?.["tasks"] ?? after?.["task_ids"];
  return Array.isArray(tasks) ? `clear ${tasks.length} ${tasks.length === 1 ? "task" : "tasks"}` : "clear its tasks";
};

const clear = act<Options>(async ({ session, options, args: [dagId = "", runId] }) => {
  const targets =
    runId === undefined
      ? await findFailedRuns(session, dagId, options.clients)
      : await findNamedRuns(session, dagId, runId, options.clients);
  const body = {
    only_failed: options.all !== true,
    ...(options.task !== undefined && { task_ids: [...options.task] }),
  };
  const params = (target: RunTarget) => ({ instance: target.instance, dag_id: dagId, dag_run_id: target.runId });
  return actOnMany(
    session,
    targets,
    {
      words: `clear ${runId ?? "the newest failed run"} of ${dagId}`,
      isGuarded: true,
      perform: (target, confirm, call) =>
        session.client.clearRun({ params: params(target), body: { ...body, ...confirm } }, call),
      preview: async (target) => {
        const { after } = await session.client.clearRun({ params: params(target), body: { ...body, dry_run: true } });
        return readTasks(after);
      },
    },
    options,
  );
});

/** `airfleet clear …` */
export const addClearCommand = (program: Command): void => {
  const command = program
    .command("clear <dag> [run]")
    .description(
      "Clear tasks of a run so that they run again; without a run, of the newest failed one on each instance",
    )
    .addOption(clientsOption("all enabled that have it"))
    .option("--task <ids>", "only these tasks", collect)
    .option("--all", "also tasks that did not fail")
    .addHelpText(
      "after",
      examples(
        "clear orders_daily --dry-run",
        "clear orders_daily scheduled__2026-11-20T03:00:00+00:00 --task load",
        "clear orders_daily --clients eu-prod-1 --confirm eu-prod-1",
      ),
    )
    .action(clear);
  for (const option of actOptions()) command.addOption(option);
};
