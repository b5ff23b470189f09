import type { CallInput, ItemOf } from "@airfleet/sdk";
import type { Command } from "commander";
import { usageFailure } from "../failure/cli-failure.ts";
import { actOnMany, type ActOptions, type Target } from "../fleet/act-on-many.ts";
import { findFleetRun, namesRun } from "../fleet/find-fleet-run.ts";
import { findRunInstance, findRuns } from "../fleet/find-run.ts";
import { toDurationText, toSecondsText } from "../output/instant-text.ts";
import { type Column, toneOf } from "../output/listing.ts";
import { addNoun, examples } from "../program/noun.ts";
import { actOptions, clientsOption, parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import type { Session } from "../session/session.ts";

type Task = ItemOf<"listTasks">;

const columns: readonly Column<Task>[] = [
  { header: "TASK", text: (row) => (row.map_index < 0 ? row.task_id : `${row.task_id}[${row.map_index}]`) },
  { header: "STATE", text: (row) => row.state, tone: (row) => toneOf(row.state) },
  { header: "TRY", text: (row) => row.try_number, alignRight: true },
  { header: "OPERATOR", text: (row) => row.operator, isWide: true },
  { header: "STARTED", text: (row) => toSecondsText(row.started_at) },
  { header: "ENDED", text: (row) => toSecondsText(row.ended_at), isWide: true },
  { header: "DURATION", text: (row) => toDurationText(row.duration_seconds), alignRight: true },
  { header: "POOL", text: (row) => row.pool, isWide: true },
  { header: "QUEUE", text: (row) => row.queue, isWide: true },
  { header: "HOST", text: (row) => row.hostname, isWide: true },
  { header: "NOTE", text: (row) => row.note, isWide: true },
];

interface Options {
  readonly clients?: string;
  readonly mapIndex?: number;
}

/** The tasks of a run that is named by itself: from its engine, or as they were last read. */
const readFleetRun = async (session: Session, word: string): Promise<readonly Task[]> => {
  const { id: run } = await findFleetRun(session, word);
  const { items, source, observed_at } = await session.client.listFleetRunTasks({ params: { run } });
  if (source === "stored") session.output.note(`The engine could not be read; this is as of ${observed_at}.`);
  return items;
};

const list = act<Options>(async ({ session, options, args: [dagId = "", runId] }) => {
  if (runId === undefined) {
    if (!namesRun(dagId)) throw usageFailure(`"${dagId}" names no run.`, "Write tasks list <run> or <dag> <run>.");
    const rows = await readFleetRun(session, dagId);
    await session.output.list({ columns, rows, nameOf: (row) => row.task_id });
    return;
  }
  const { id: instance } = await findRunInstance(session, { dagId, runId }, options.clients);
  const params = { instance, dag_id: dagId, dag_run_id: runId };
  const rows: Task[] = [];
  for await (const task of session.client.items("listTasks", { params })) rows.push(task);
  await session.output.list({ columns, rows, nameOf: (row) => row.task_id });
});

const tries = act<Options>(async ({ session, options, args: [dagId = "", runId = "", task_id = ""] }) => {
  const { id: instance } = await findRunInstance(session, { dagId, runId }, options.clients);
  const { items } = await session.client.listTries({
    params: { instance, dag_id: dagId, dag_run_id: runId, task_id },
    query: { ...(options.mapIndex !== undefined && { map_index: options.mapIndex }) },
  });
  await session.output.list({ columns, rows: items, nameOf: (row) => String(row.try_number) });
});

type TaskState = CallInput<"patchTask">["body"]["state"];
const TASK_STATES: readonly TaskState[] = ["success", "failed", "skipped"];

type TaskTarget = Target & { readonly runId: string; readonly taskId: string };

const setState = act<Options & ActOptions>(
  async ({ session, options, args: [dagId = "", runId = "", taskId = "", given = ""] }) => {
    const state = TASK_STATES.find((known) => known === given);
    if (state === undefined)
      throw usageFailure(`"${given}" is no state a task can be set to.`, `Possible: ${TASK_STATES.join(", ")}.`);
    const found = await findRuns(session, { dagId, runId }, options.clients);
    const targets = found.map(
      ({ instance }): TaskTarget => ({ instance: instance.id, tier: instance.tier, dagId, runId, taskId }),
    );
    const body = { state, ...(options.mapIndex !== undefined && { map_index: options.mapIndex }) };
    const params = ({ instance }: TaskTarget) => ({ instance, dag_id: dagId, dag_run_id: runId, task_id: taskId });
    return actOnMany(
      session,
      targets,
      {
        words: `set ${taskId} of ${dagId} / ${runId} to ${state}`,
        isGuarded: true,
        perform: (target, confirm, call) =>
          session.client.patchTask({ params: params(target), body: { ...body, ...confirm } }, call),
        preview: async (target) => {
          await session.client.patchTask({ params: params(target), body: { ...body, dry_run: true } });
          return `set it to ${state}`;
        },
      },
      options,
    );
  },
);

const wholeMapIndex = parseWhole(-1, 1_000_000);

/** `airfleet tasks …` */
export const addTaskCommands = (program: Command): void => {
  const noun = addNoun(program, "tasks", "Task instances of a run");
  noun
    .command("list <run> [engine-run]")
    .usage("[options] <run> | <dag> <run>")
    .description("List the task instances of a run: by our id or instance/dag/run also of one that its engine dropped")
    .addOption(clientsOption("the one that has the run"))
    .addHelpText("after", examples("tasks list eu-1/orders_daily/af_01", "tasks list orders_daily af_01 -o wide"))
    .action(list);
  noun
    .command("tries <dag> <run> <task>")
    .description("List every try of a task, oldest first")
    .addOption(clientsOption("the one that has the run"))
    .option("--map-index <n>", "index of a mapped task", wholeMapIndex)
    .addHelpText(
      "after",
      examples("tasks tries orders_daily af_01 load", "tasks tries orders_daily af_01 load --map-index 2"),
    )
    .action(tries);
  const command = noun
    .command("set-state <dag> <run> <task> <state>")
    .description("Set the state of a task instance: success, failed or skipped")
    .addOption(clientsOption("all enabled that have the run"))
    .option("--map-index <n>", "index of a mapped task", wholeMapIndex)
    .addHelpText("after", examples("tasks set-state orders_daily af_01 load success --clients eu-1"))
    .action(setState);
  for (const option of actOptions()) command.addOption(option);
};
