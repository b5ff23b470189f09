import { ROUTES } from "@airfleet/contract";
import { type RunAddress, type TaskAddress, toTaskId } from "@airfleet/model";
import { toLogText } from "../views/log-text.ts";
import { toLogLineView, toRunView, toTaskInstanceView } from "../views/run-view.ts";
import { addressed } from "./addressed.ts";
import { bind } from "./bind.ts";
import { bindAction } from "./bind-action.ts";
import { bindLines } from "./bind-lines.ts";
import { given } from "./given.ts";
import { openLog } from "./open-log.ts";
import { toStopWish } from "./stop-wish.ts";
import { toTriggerIntent } from "./trigger-intent.ts";

type RunParams = { readonly dag_id: RunAddress["dagId"]; readonly dag_run_id: RunAddress["runId"] };
type TaskParams = RunParams & { readonly task_id: TaskAddress["taskId"] };

const toRun = (params: RunParams): RunAddress => ({ dagId: params.dag_id, runId: params.dag_run_id });
const toTask = (params: TaskParams, mapIndex: number): TaskAddress => ({
  ...toRun(params),
  taskId: params.task_id,
  mapIndex,
});

/** Runs, tasks and logs of one instance: read live, written through actions. */
export const runRoutes = {
  listRuns: bind(ROUTES.listRuns, async (context) => {
    const { control, params, query, signal } = context;
    const page = await control.live.runs(
      params.instance,
      {
        dagId: params.dag_id,
        limit: query.limit,
        ...given({ states: query.state, after: query.cursor }),
      },
      { signal },
    );
    const readAt = Date.now();
    return { items: page.items.map((run) => toRunView(addressed(context), run, readAt)), next_cursor: page.next };
  }),

  triggerRun: bindAction(ROUTES.triggerRun, toTriggerIntent),

  getRun: bind(ROUTES.getRun, async (context) => {
    const { control, params, signal } = context;
    const run = await control.live.run(params.instance, toRun(params), { signal });
    return toRunView(addressed(context), run, Date.now());
  }),

  patchRun: bindAction(ROUTES.patchRun, ({ params, body }) => ({
    verb: "run:set_state",
    instance: params.instance,
    ...toRun(params),
    state: body.state,
    ...given({ confirm: body.confirm }),
  })),

  stopRun: bindAction(ROUTES.stopRun, ({ params, body }) => ({
    verb: "run:stop",
    instance: params.instance,
    ...toRun(params),
    ...toStopWish(body),
  })),

  clearRun: bindAction(ROUTES.clearRun, ({ params, body }) => ({
    verb: "run:clear",
    instance: params.instance,
    ...toRun(params),
    onlyFailed: body.only_failed,
    dryRun: body.dry_run,
    ...given({ taskIds: body.task_ids?.map(toTaskId), confirm: body.confirm }),
  })),

  deleteRun: bindAction(ROUTES.deleteRun, ({ params, query }) => ({
    verb: "run:delete",
    instance: params.instance,
    ...toRun(params),
    ...given({ confirm: query.confirm }),
  })),

  listTasks: bind(ROUTES.listTasks, async (context) => {
    const { control, params, signal } = context;
    const tasks = await control.live.tasks(params.instance, toRun(params), { signal });
    return { items: tasks.map((task) => toTaskInstanceView(addressed(context), task)), next_cursor: null };
  }),

  listTries: bind(ROUTES.listTries, async (context) => {
    const { control, params, query, signal } = context;
    const tries = await control.live.tries(params.instance, toTask(params, query.map_index), { signal });
    return { items: tries.map((task) => toTaskInstanceView(addressed(context), task)), next_cursor: null };
  }),

  patchTask: bindAction(ROUTES.patchTask, ({ params, body }) => ({
    verb: "task:set_state",
    instance: params.instance,
    ...toTask(params, body.map_index),
    state: body.state,
    dryRun: body.dry_run,
    ...given({ confirm: body.confirm }),
  })),

  readLog: bindLines(
    ROUTES.readLog,
    async function* readLog(context) {
      const { params, query } = context;
      const place = { instance: params.instance, ...toRun(params), taskId: params.task_id };
      for await (const line of openLog(context, place, query)) yield toLogLineView(line);
    },
    { toText: toLogText },
  ),
};
