import { ROUTES } from "@airfleet/contract";
import { PLACES_PER_ITEM } from "@airfleet/control";
import { toTriggerAttemptView, toTriggerView, toTriggerViews } from "../views/trigger-view.ts";
import { bind } from "./bind.ts";
import { bindTriggers } from "./bind-triggers.ts";
import { given } from "./given.ts";
import { listedInstances } from "./scope.ts";
import { toBatchAsk, toTriggerAsk, toTriggerQuery } from "./trigger-ask.ts";

/** Asking for runs, and what became of it. */
export const triggerRoutes = {
  createTriggers: bindTriggers(ROUTES.createTriggers, {
    ask: ({ control, actor, body }, key) =>
      control.triggers.request(toTriggerAsk(body), { actor, body, ...given({ key }) }),
    goal: ({ body }) => body.wait_for,
    view: async ({ control }, { requestId, triggers }) => ({
      request_id: requestId,
      instances: triggers.map(({ instance }) => instance),
      items: await toTriggerViews(control, triggers),
    }),
  }),

  createTriggerBatch: bindTriggers(ROUTES.createTriggerBatch, {
    ask: ({ control, actor, body }, key) =>
      control.triggers.requestMany(body.items.map(toBatchAsk), { actor, body, ...given({ key }) }),
    goal: ({ body }) => body.wait_for,
    view: async ({ control, body }, { requestId, triggers, refused }) => {
      const views = await toTriggerViews(control, triggers);
      const own = Map.groupBy(views, (_view, index) => Math.floor((triggers[index]?.position ?? 0) / PLACES_PER_ITEM));
      const errors = new Map(
        refused.map(({ position, code, message }) => [position / PLACES_PER_ITEM, { code, message }]),
      );
      return {
        request_id: requestId,
        recorded: triggers.length,
        refused: refused.length,
        items: body.items.map((_item, index) => ({
          index,
          triggers: own.get(index) ?? [],
          error: errors.get(index) ?? null,
        })),
      };
    },
  }),

  listTriggers: bind(ROUTES.listTriggers, async ({ control, actor, query }) => {
    const instances = await listedInstances(control, actor, query.instance, "run:read");
    const page = await control.triggers.list(toTriggerQuery(query, instances));
    return { items: await toTriggerViews(control, page.items), next_cursor: page.next };
  }),

  getTrigger: bind(ROUTES.getTrigger, async ({ control, actor, params }) => {
    const trigger = await control.triggers.get(params.trigger, actor);
    const attempts = await control.triggers.attempts(trigger);
    return { ...(await toTriggerView(control, trigger)), attempts: attempts.map(toTriggerAttemptView) };
  }),

  cancelTrigger: bind(ROUTES.cancelTrigger, async ({ control, actor, params }) => {
    return toTriggerView(control, await control.triggers.cancel(params.trigger, actor));
  }),
};
