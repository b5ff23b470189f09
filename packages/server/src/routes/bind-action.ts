import type { RouteDefinition } from "@airfleet/contract";
import type { Action, ActionIntent } from "@airfleet/control";
import { AirfleetError } from "@airfleet/model";
import type { FastifyReply, FastifyRequest } from "fastify";
import { readPreference } from "../http/prefer.ts";
import { isTold, PROBLEM_MEDIA_TYPE, toProblem } from "../http/problem.ts";
import { toActionView } from "../views/action-view.ts";
import type { BoundRoute, RouteContext } from "./bound-route.ts";
import { openRequest } from "./open-request.ts";
import { answerOnce, isRepeatable } from "./repeatable.ts";

/** What became of a write as a problem: the code and message that were recorded, and the action's id. */
const sendFailure = (action: Action, request: FastifyRequest, reply: FastifyReply): void => {
  const code = action.error?.code ?? "INTERNAL";
  const { body, status, headers } = toProblem(new AirfleetError(code, {}), request.id, { action: action.id });
  const detail = action.error !== null && isTold(code) ? action.error.message : body.detail;
  void reply
    .code(status)
    .headers(headers)
    .type(PROBLEM_MEDIA_TYPE)
    .send({ ...body, detail });
};

const sendAction = (action: Action, request: FastifyRequest, reply: FastifyReply): void => {
  reply.header("location", `/api/v1/actions/${encodeURIComponent(action.id)}`);
  switch (action.state) {
    case "done":
      void reply.code(200).send(toActionView(action));
      return;
    case "pending":
      void reply.code(202).send(toActionView(action));
      return;
    case "failed":
    case "unknown":
      sendFailure(action, request, reply);
      return;
    default:
      action.state satisfies never;
  }
};

/**
 * Binds a route that writes. The intent is recorded and carried out; when it is not over by the time that the caller
 * wants to wait (`Prefer`), the answer is 202 with the action's address. The
 * `Idempotency-Key` of an earlier request answers how that one's action stands now; a trigger takes its run id from it
 * instead, so that it holds even when our store is lost.
 */
export const bindAction = <Route extends RouteDefinition>(
  route: Route,
  toIntent: (context: RouteContext<Route>) => ActionIntent | Promise<ActionIntent>,
): BoundRoute => ({
  route,
  answer: async (request, reply, desk) => {
    const context = await openRequest(route, request, reply, desk);
    const { actions } = desk.control;
    const { waitMs, follows } = readPreference(request.headers.prefer);
    // For who does not follow the action, whatever goes wrong is final in this answer.
    const terms = { deadlineMs: waitMs, onTrouble: follows ? "retry" : "fail" } as const;
    const perform = async (): Promise<Action> => actions.perform(context.actor, await toIntent(context), terms);
    if (!isRepeatable(route)) {
      sendAction(await perform(), request, reply);
      return;
    }
    const { answer, isReplay } = await answerOnce(route, context, desk.kept, async () => ({
      status: 200,
      body: (await perform()).id,
    }));
    if (isReplay) reply.header("idempotent-replayed", "true");
    sendAction(await actions.get(String(answer.body)), request, reply);
  },
});
