import { ROUTES, type RouteRequest } from "@airfleet/contract";
import type { StopList, StopManyRequest, StopTargets } from "@airfleet/control";
import { type InstanceId, parseSelector, toRunKey } from "@airfleet/model";
import { canSee } from "../access/authorize.ts";
import { readPreference } from "../http/prefer.ts";
import { toRunStopsView, toRunStopView } from "../views/stop-view.ts";
import { bind } from "./bind.ts";
import type { BoundRoute } from "./bound-route.ts";
import { given } from "./given.ts";
import { openRequest } from "./open-request.ts";
import { answerOnce } from "./repeatable.ts";
import { listedInstances } from "./scope.ts";

type Body = RouteRequest<typeof ROUTES.stopFleetRuns>["body"];

/** What has not ended: nothing else is to be stopped. */
const LIVE = ["queued", "running"] as const;

const toTargets = (body: Body, instances: readonly InstanceId[] | undefined): StopTargets =>
  body.runs === undefined
    ? {
        query: {
          states: body.states ?? LIVE,
          ...given({
            instances,
            dagIds: body.dag_ids,
            selector: body.selector === undefined ? undefined : parseSelector(body.selector, "runs"),
          }),
        },
      }
    : { keys: body.runs.map(toRunKey) };

const toRequest = (body: Body, targets: StopTargets, sees: StopManyRequest["canSee"]): StopManyRequest => ({
  targets,
  canSee: sees,
  dryRun: body.dry_run,
  wish: { teardown: body.teardown, delete: body.delete, ...given({ waitSeconds: body.timeout }) },
  ...given({ confirm: body.confirm, listHash: body.list_hash }),
});

/** Stops many runs. A repeated `Idempotency-Key` gets the first answer again; how the actions stand now is told by their ids. */
const stopFleetRuns: BoundRoute = {
  route: ROUTES.stopFleetRuns,
  answer: async (request, reply, desk) => {
    const route = ROUTES.stopFleetRuns;
    const context = await openRequest(route, request, reply, desk);
    const { actor, body, control, signal } = context;
    const { waitMs, follows } = readPreference(request.headers.prefer);
    const ask = async (): Promise<StopList> => {
      const instances = await listedInstances(control, actor, body.instances, route.permission);
      const sees = (instance: string): boolean => canSee(actor, instance);
      return control.stops.request(actor, toRequest(body, toTargets(body, instances), sees));
    };
    const carryOut = async () => {
      const asked = await ask();
      const list = follows && !body.dry_run ? await control.stops.settle(asked, waitMs, signal) : asked;
      const isOpen = list.tickets.some(({ action }) => action?.state === "pending");
      return { status: isOpen ? 202 : 200, body: toRunStopsView(list, body.dry_run) };
    };
    const { answer, isReplay } = await answerOnce(route, context, desk.kept, carryOut);
    if (isReplay) reply.header("idempotent-replayed", "true");
    reply.header("location", "/api/v1/actions?verb=run:stop");
    void reply.code(answer.status).send(answer.body);
  },
};

/** Stopping many runs, and what is known of one that was stopped. */
export const stopRoutes = {
  stopFleetRuns,

  getFleetRunStop: bind(ROUTES.getFleetRunStop, async ({ control, params, actor }) => {
    const { run } = await control.runs.get(params.run, (instance) => canSee(actor, instance));
    return toRunStopView(await control.stops.newest(run.key));
  }),
};
