import type { RouteDefinition, RouteOutput } from "@airfleet/contract";
import type { Control, TriggerGoal, TriggerTicket } from "@airfleet/control";
import { isFinalTriggerState, isTerminalRunState } from "@airfleet/model";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import { readPreference } from "../http/prefer.ts";
import type { BoundRoute, RouteContext } from "./bound-route.ts";
import { given } from "./given.ts";
import { openRequest } from "./open-request.ts";

interface TriggerBinding<Route extends RouteDefinition> {
  readonly ask: (context: RouteContext<Route>, key: string | undefined) => Promise<TriggerTicket>;
  readonly goal: (context: RouteContext<Route>) => TriggerGoal;
  readonly view: (context: RouteContext<Route>, ticket: TriggerTicket) => Promise<RouteOutput<Route>>;
}

const addressOf = ({ requestId, triggers }: TriggerTicket): string => {
  const [only] = triggers;
  return only !== undefined && triggers.length === 1
    ? `/api/v1/triggers/${encodeURIComponent(only.id)}`
    : `/api/v1/triggers?request_id=${encodeURIComponent(requestId)}`;
};

/** Whether all that was asked for has come to the end that the caller means. */
const hasReached = async (
  { triggers: useCases }: Pick<Control, "triggers">,
  { triggers }: TriggerTicket,
  goal: TriggerGoal,
): Promise<boolean> => {
  if (!triggers.every(({ state }) => isFinalTriggerState(state))) return false;
  if (goal === "accepted") return true;
  const runs = await useCases.runsOf(triggers);
  return triggers.every(({ id, state }) => {
    const run = runs.get(id)?.record.state;
    return state !== "accepted" || (run !== undefined && isTerminalRunState(run));
  });
};

/**
 * Binds a route that asks for runs. It is recorded when this answers: 202 with the address, or 200 when all have come
 * to their end, for which only `Prefer: wait=N` waits. The `Idempotency-Key` is part of what is recorded, so it holds
 * for as long as the record, and answers the triggers as they stand now instead of what was said then.
 */
export const bindTriggers = <Route extends RouteDefinition>(
  route: Route,
  { ask, goal, view }: TriggerBinding<Route>,
): BoundRoute => ({
  route,
  answer: async (request, reply, desk) => {
    const context = await openRequest(route, request, reply, desk);
    const key = readIdempotencyKey(context.header("idempotency-key"));
    const { waitMs, follows } = readPreference(request.headers.prefer);
    const asked = await ask(context, key);
    if (asked.isReplay) reply.header("idempotent-replayed", "true");
    const { signal } = context;
    const waits = follows && waitMs > 0;
    const ticket = waits
      ? await desk.control.triggers.settle(asked, { goal: goal(context), withinMs: waitMs, ...given({ signal }) })
      : asked;
    const isOver = await hasReached(desk.control, ticket, goal(context));
    reply.header("location", addressOf(ticket));
    void reply.code(isOver ? 200 : 202).send(await view(context, ticket));
  },
});
