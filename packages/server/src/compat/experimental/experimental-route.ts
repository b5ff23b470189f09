import type { Permission } from "@airfleet/contract";
import type { Action, ActionIntent, Actor, FleetInstance, ReadOptions } from "@airfleet/control";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Desk } from "../../routes/bound-route.ts";
import { ExperimentalRefusal, toRefusal } from "./refusal.ts";

/** How long an answer may take. */
export const ANSWER_WITHIN_MS = 30_000;

/** What a route of the experimental API works with. */
export interface ExperimentalContext extends Desk {
  readonly instance: FleetInstance;
  readonly actor: Actor;
  /** A trigger key has signed the body. */
  readonly isSigned: boolean;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** The fields of the body; empty where there is none. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly reading: ReadOptions;
}

export interface ExperimentalRoute {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below `/api/experimental`. */
  readonly path: string;
  readonly permission: Permission;
  /** A body signed by a trigger key stands for a login, and is needed where the instance has such keys. */
  readonly isSigned?: boolean;
  /** The body of the answer: an object, or text. */
  readonly answer: (context: ExperimentalContext) => Promise<object | string>;
}

/** Records a write and carries it out. The original asks for no confirmation, so it is confirmed. */
export const act = (
  { control, actor }: Pick<ExperimentalContext, "control" | "actor">,
  intent: ActionIntent,
): Promise<Action> => control.actions.perform(actor, { ...intent, confirmed: true }, { deadlineMs: ANSWER_WITHIN_MS });

/** The action, done. @throws {Error} what it failed of */
export const done = (action: Action): Action => {
  if (action.state === "done") return action;
  throw toRefusal(
    action.error ?? {
      code: "INSTANCE_TIMEOUT",
      message: `Instance "${action.instance}" has not answered within ${ANSWER_WITHIN_MS} ms; see action ${action.id}`,
    },
  );
};

/** A text that a path names; the router has decoded it. @throws {ExperimentalRefusal} when it is empty */
export const named = ({ params }: Pick<ExperimentalContext, "params">, name: string): string => {
  const value = params[name] ?? "";
  if (value === "") throw new ExperimentalRefusal(404, "Not found");
  return value;
};
