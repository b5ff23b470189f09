import { ROUTES } from "@airfleet/contract";
import type { FleetRun } from "@airfleet/control";
import { type RunAddress, type RunKey, toTaskId } from "@airfleet/model";
import { canSee } from "../access/authorize.ts";
import { toFleetRunView, toFleetTaskList, toRunObservationView } from "../views/fleet-run-view.ts";
import { toLogText } from "../views/log-text.ts";
import { toLogLineView } from "../views/run-view.ts";
import { bind } from "./bind.ts";
import { bindAction } from "./bind-action.ts";
import { bindLines } from "./bind-lines.ts";
import type { RouteContext } from "./bound-route.ts";
import { toFleetRunQuery } from "./fleet-run-query.ts";
import { given } from "./given.ts";
import { openLog } from "./open-log.ts";
import { listedInstances } from "./scope.ts";
import { toStopWish } from "./stop-wish.ts";
import { toStateWords } from "./subject-query.ts";

type Asked = Pick<RouteContext<typeof ROUTES.getFleetRun>, "control" | "actor"> & {
  readonly params: { readonly run: RunKey };
};

/** The run that a path names; one out of the caller's scope is answered as one that does not exist. */
const findRun = ({ control, params, actor }: Asked): Promise<FleetRun> =>
  control.runs.get(params.run, (instance) => canSee(actor, instance));

const addressOf = ({ run, instance }: FleetRun) => {
  const { dagId, runId }: RunAddress = run.record;
  return { instance: instance.id, dagId, runId };
};

/** The runs of the fleet from the store, and one run by our id. */
export const fleetRunRoutes = {
  listFleetRuns: bind(ROUTES.listFleetRuns, async ({ query, actor, control }) => {
    const wanted = toFleetRunQuery(query);
    const instances = await listedInstances(control, actor, query.instance, "run:read");
    const page = await control.runs.list({ ...wanted, ...given({ instances }) });
    const words = toStateWords(query.state_words);
    return { items: page.items.map((run) => toFleetRunView(run, words)), next_cursor: page.next };
  }),

  getFleetRun: bind(ROUTES.getFleetRun, async (context) => {
    const run = await findRun(context);
    const { live, state_words: words } = context.query;
    const shown = live ? await context.control.runs.refresh(run, context.signal) : run;
    return toFleetRunView(shown, toStateWords(words));
  }),

  listFleetRunTasks: bind(ROUTES.listFleetRunTasks, async (context) => {
    const run = await findRun(context);
    const { live } = context.query;
    const from = live === undefined ? "best" : live ? "live" : "stored";
    return toFleetTaskList(run, await context.control.runs.tasks(run, from, context.signal));
  }),

  listFleetRunTries: bind(ROUTES.listFleetRunTries, async (context) => {
    const { control, params, query, signal } = context;
    const run = await findRun(context);
    const task = { taskId: params.task_id, mapIndex: query.map_index };
    return toFleetTaskList(run, await control.runs.tries(run, task, signal));
  }),

  readFleetRunLog: bindLines(
    ROUTES.readFleetRunLog,
    async function* readLog(context) {
      const place = { ...addressOf(await findRun(context)), taskId: context.params.task_id };
      for await (const line of openLog(context, place, context.query)) yield toLogLineView(line);
    },
    { toText: toLogText },
  ),

  listRunObservations: bind(ROUTES.listRunObservations, async (context) => {
    const { run } = await findRun(context);
    const rows = await context.control.runs.history(run.key);
    return { items: rows.map(toRunObservationView), next_cursor: null };
  }),

  stopFleetRun: bindAction(ROUTES.stopFleetRun, async (context) => ({
    verb: "run:stop",
    ...addressOf(await findRun(context)),
    ...toStopWish(context.body),
  })),

  clearFleetRun: bindAction(ROUTES.clearFleetRun, async (context) => ({
    verb: "run:clear",
    ...addressOf(await findRun(context)),
    onlyFailed: context.body.only_failed,
    dryRun: context.body.dry_run,
    ...given({ taskIds: context.body.task_ids?.map(toTaskId), confirm: context.body.confirm }),
  })),
};
