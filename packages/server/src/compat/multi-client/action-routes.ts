import { randomBytes } from "node:crypto";
import { chooseRunId } from "@airfleet/control";
import { type RunId, toRunId, toTaskId } from "@airfleet/model";
import { readIdempotencyKey } from "../../http/idempotency-key.ts";
import { given } from "../../routes/given.ts";
import { act, actAndRead, noteworthy } from "./act.ts";
import { dagOf, runOf } from "./addresses.ts";
import { ClearBody, RunBody, readBody, TaskStateBody, TriggerBody } from "./bodies.ts";
import { fromAction } from "./client-failure.ts";
import { CLIENT_TIMEOUT_MS, type FanOutPlan, type SeedContext, type SeedRoute } from "./seed-route.ts";

const heading = (message: string, action: string): Readonly<Record<string, string>> => ({
  message,
  action,
  timestamp: new Date().toISOString(),
});

const pausePlan = (context: SeedContext, paused: boolean): FanOutPlan => {
  const dagId = dagOf(context);
  const verb = paused ? "pause" : "unpause";
  return {
    heading: heading(`DAG ${dagId} ${verb} operation completed`, verb),
    ask: (client) =>
      actAndRead(context, client, { verb: "dag:pause", instance: client.id, dagId, paused }, () => ({
        kind: "dag",
        dagId,
      })),
  };
};

/** One id for the run on every client, so that the runs of one request are found again as one. */
const runIdFor = (context: SeedContext, idempotencyKey: string | undefined): RunId =>
  chooseRunId(given({ idempotencyKey }), { actorId: context.actor.id, now: Date.now(), random: randomBytes(6) });

const startPlan = (
  context: SeedContext,
  verb: "run" | "trigger",
  { conf, logicalDate }: { readonly conf: Readonly<Record<string, unknown>>; readonly logicalDate?: string },
): FanOutPlan => {
  const dagId = dagOf(context);
  const idempotencyKey = readIdempotencyKey(context.header("idempotency-key"));
  const runId = runIdFor(context, idempotencyKey);
  const wanted = { verb: "run:trigger" as const, dagId, conf, ...given({ logicalDate }) };
  return {
    heading: heading(`DAG ${dagId} ${verb} operation completed`, verb),
    frame: { dag_run_id: runId },
    ask: (client) =>
      actAndRead(
        context,
        client,
        { ...wanted, instance: client.id, ...(idempotencyKey === undefined ? { runId } : { idempotencyKey }) },
        (action) => ({ kind: "run", run: { dagId, runId: toRunId(action.runId ?? runId) } }),
      ),
  };
};

const clearPlan = (context: SeedContext): FanOutPlan => {
  const run = runOf(context);
  const body = readBody(ClearBody, context.body);
  return {
    heading: heading(`Tasks cleared/rerun for DAG ${run.dagId}, run ${run.runId}`, "clear"),
    ask: async (client) => {
      const action = await act(context, {
        verb: "run:clear",
        instance: client.id,
        ...run,
        onlyFailed: body.only_failed,
        dryRun: body.dry_run,
        ...given({ taskIds: body.task_ids?.map(toTaskId) }),
      });
      if (action.state !== "done") return fromAction(client, action, CLIENT_TIMEOUT_MS);
      const tasks: unknown = action.after?.tasks;
      const cleared = Array.isArray(tasks) ? (tasks as object[]) : [];
      const place = { dag_id: run.dagId, dag_run_id: run.runId };
      return {
        client,
        success: true,
        extras: noteworthy(action),
        data: {
          ...place,
          dry_run: body.dry_run,
          task_instances: cleared.map((task) => ({ ...place, ...task })),
          total_entries: cleared.length,
        },
      };
    },
  };
};

const taskStatePlan = (context: SeedContext): FanOutPlan => {
  const body = readBody(TaskStateBody, context.body);
  const run = runOf(context);
  const taskId = toTaskId(context.params.task_id ?? "");
  return {
    heading: heading(`Task ${taskId} state updated to ${body.new_state}`, "update_task_state"),
    ask: async (client) => {
      const action = await act(context, {
        verb: "task:set_state",
        instance: client.id,
        ...run,
        taskId,
        mapIndex: body.map_index,
        state: body.new_state,
        dryRun: body.dry_run,
      });
      if (action.state !== "done") return fromAction(client, action, CLIENT_TIMEOUT_MS);
      const place = { dag_id: run.dagId, dag_run_id: run.runId, task_id: taskId, map_index: body.map_index };
      const data = { ...place, ...action.after, new_state: body.new_state, dry_run: body.dry_run };
      return { client, success: true, extras: noteworthy(action), data };
    },
  };
};

const post = (
  name: string,
  rest: string,
  permission: SeedRoute["permission"],
  plan: (context: SeedContext) => FanOutPlan,
): SeedRoute => ({
  kind: "fan-out",
  method: "POST",
  path: `/api/disaster-recovery/${name}/${rest}`,
  permission,
  plan,
});

/** Writes: each client's part is a recorded action. */
export const actionRoutes: readonly SeedRoute[] = [
  post("pause", ":dag_id", "dag:pause", (context) => pausePlan(context, true)),
  post("unpause", ":dag_id", "dag:pause", (context) => pausePlan(context, false)),
  post("run", ":dag_id", "run:trigger", (context) => startPlan(context, "run", readBody(RunBody, context.body))),
  post("trigger", ":dag_id", "run:trigger", (context) => {
    const { conf, logical_date: logicalDate } = readBody(TriggerBody, context.body);
    return startPlan(context, "trigger", { conf, ...given({ logicalDate }) });
  }),
  post("clear", ":dag_id/:dag_run_id", "run:clear", clearPlan),
  {
    kind: "fan-out",
    method: "PATCH",
    path: "/api/disaster-recovery/task-state/:dag_id/:dag_run_id/:task_id",
    permission: "task:set_state",
    plan: taskStatePlan,
  },
];
