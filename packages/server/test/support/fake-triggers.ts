import type { Actor, TriggerTicket, TriggerUseCases } from "@airfleet/control";
import { AirfleetError, toActionId, toDagId, toInstanceId, toRunId, toTriggerId } from "@airfleet/model";
import type { StoredTrigger } from "@airfleet/store";

const AT = 1_700_000_000_000;

/** A trigger whose run the engine has. */
export const triggerSample = (actor: string, instance: string): StoredTrigger => ({
  id: toTriggerId("trg_1"),
  requestId: "trq_1",
  position: 0,
  actionId: toActionId("act_1"),
  instance: toInstanceId(instance),
  dagId: toDagId("orders"),
  runId: toRunId("airfleet__1"),
  state: "accepted",
  actor,
  request: { conf: {}, logical_date: null },
  confHash: "hash",
  subjects: [],
  subjectsTotal: 0,
  warnings: [],
  error: null,
  expiresAt: AT + 900_000,
  createdAt: AT,
  changedAt: AT,
  finishedAt: AT + 5,
  droppedAt: null,
});

const ticketOf = (actor: Actor, instance: string): TriggerTicket => ({
  requestId: "trq_1",
  isReplay: false,
  triggers: [triggerSample(actor.id, instance)],
  refused: [],
});

/** Use cases of triggers without a store: `get` is asked whether the actor may see the instance. */
export const fakeTriggers = (find: (instance: string, actor: Actor) => void): TriggerUseCases => {
  const see = (id: string, actor: Actor): StoredTrigger => {
    try {
      find("client1", actor);
    } catch {
      throw new AirfleetError("TRIGGER_UNKNOWN", { trigger: id });
    }
    return triggerSample(actor.id, "client1");
  };
  return {
    request: async ({ instances = [] }, { actor }) => {
      for (const instance of instances) find(instance, actor);
      return ticketOf(actor, instances[0] ?? "client1");
    },
    requestMany: async (_asks, { actor }) => ticketOf(actor, "client1"),
    settle: async (ticket) => ticket,
    get: async (id, actor) => see(id, actor),
    attempts: async () => [],
    runsOf: async () => new Map(),
    list: async () => ({ items: [], next: null }),
    cancel: async (id, actor) => ({ ...see(id, actor), state: "cancelled" }),
  };
};
