import { randomBytes } from "node:crypto";
import { AirfleetError, toActionId } from "@airfleet/model";
import type { Store, StoredAction } from "@airfleet/store";
import type { Actor } from "../actor.ts";
import { type Clock, pause } from "../clock.ts";
import type { ActionUseCases } from "../control.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import { toStopFacts } from "../stops/stop-facts.ts";
import type { StopPorts } from "../stops/stop-ports.ts";
import type { Redact } from "../triggers/secret-names.ts";
import type { Action, ActionIntent } from "./action.ts";
import type { ActionExecutor } from "./action-executor.ts";
import { checkConfirmation } from "./confirmation.ts";
import type { Facts } from "./facts.ts";
import { chooseRunId } from "./run-id.ts";
import { fingerprintOf, toAction, toNewAction } from "./stored-intent.ts";

interface ActionPorts {
  readonly store: Store;
  readonly registry: InstanceRegistry;
  readonly executor: ActionExecutor;
  readonly clock: Clock;
  readonly owner: string;
  readonly redact: Redact;
  readonly leaseMs: number;
  /** How long an action may be tried again before it is given up, in milliseconds. */
  readonly retryForMs: number;
  /** How long a stop waits. */
  readonly stopTerms: StopPorts["terms"];
  readonly onWritten: () => void;
}

/** Between two looks at a stop that somebody waits for. */
const STOP_LOOK_MS = 250;

/** A trigger gets its run id before it is recorded: it is what makes repeating it safe. */
const withRunId = (intent: ActionIntent, actor: Actor, now: number): ActionIntent => {
  if (intent.verb !== "run:trigger") return intent;
  return { ...intent, runId: chooseRunId(intent, { actorId: actor.id, now, random: randomBytes(6) }) };
};

/** Refuses a key that stood for another request before. The action as stored tells by its fingerprint. */
const checkSameRequest = (intent: ActionIntent, stored: StoredAction): void => {
  const key = intent.verb === "run:trigger" ? intent.idempotencyKey : undefined;
  if (key !== undefined && stored.request["fingerprint"] !== fingerprintOf(intent, key)) {
    throw new AirfleetError("IDEMPOTENCY_KEY_REUSED", { key });
  }
};

export const createActionUseCases = (ports: ActionPorts): ActionUseCases => {
  const { store, registry, executor, clock, owner, redact, leaseMs, retryForMs, stopTerms, onWritten } = ports;

  const shown = async (action: StoredAction): Promise<Action> => {
    const [one] = await shownAll([action]);
    return one ?? toAction(action, null);
  };
  const shownAll = async (actions: readonly StoredAction[]): Promise<readonly Action[]> => {
    const asking = actions.filter(({ verb }) => verb === "run:trigger").map(({ id }) => id);
    const triggers = await store.triggers.findByActions(asking);
    const progress = await progressOf(actions);
    return actions.map((action) =>
      toAction(action, triggers.get(action.id)?.id ?? null, progress.get(action.id) ?? null),
    );
  };

  /** How far those have come that take their time. */
  const progressOf = async (actions: readonly StoredAction[]): Promise<ReadonlyMap<string, Facts>> => {
    const stopping = actions.filter(({ verb, state }) => verb === "run:stop" && state === "pending");
    const stops = await Promise.all(stopping.map(({ id }) => store.stops.find(id)));
    return new Map(stops.flatMap((stop) => (stop === undefined ? [] : [[stop.actionId, toStopFacts(stop)] as const])));
  };

  /** A stop goes on after its first attempt; whoever waits for it looks whether it is over. */
  const awaitStop = async (action: StoredAction, until: number): Promise<StoredAction> => {
    let current = action;
    while (current.verb === "run:stop" && current.state === "pending" && clock.now() < until) {
      await pause(clock, Math.min(STOP_LOOK_MS, until - clock.now()));
      current = (await store.actions.find(action.id)) ?? current;
    }
    return current;
  };

  return {
    async perform(actor, intent, { deadlineMs, onTrouble = "fail" }) {
      checkConfirmation(intent, registry.getEnabled(intent.instance).config);
      const asked = withRunId(intent, actor, clock.now());
      const now = clock.now();
      // A run's start has nothing to look at first, so that it is sent is noted in the same write.
      const isMarked = asked.verb === "run:trigger";
      const deadlineAt = now + retryForMs + (asked.verb === "run:stop" ? stopTerms(asked).waitMs : 0);
      const recorded = await store.actions.record(toNewAction(asked, { actor, redact, deadlineAt }), {
        leaseTo: { owner, leaseMs, isSent: isMarked },
      });
      const { action, lease } = recorded;
      if (lease === null) {
        checkSameRequest(asked, action);
        return shown(await awaitStop(action, now + deadlineMs));
      }
      onWritten();
      const mayRetry = onTrouble === "retry";
      const { timeout_ms: limitMs } = registry.get(intent.instance).config.limits;
      // Who does not wait for the end must not shorten the attempt by leaving.
      const until = now + (mayRetry ? Math.max(limitMs, deadlineMs) : deadlineMs);
      const execution = executor.execute({ action, lease, secret: { intent: asked } }, { until, mayRetry, isMarked });
      if (!mayRetry) return shown(await awaitStop(await execution, until));

      const waiting = new AbortController();
      const left = pause(clock, deadlineMs, waiting.signal).then(() => undefined);
      // The execution goes on when the wait is over; what the store says of it then is not this caller's concern.
      execution.catch(() => undefined);
      const finished = await Promise.race([execution, left]);
      waiting.abort();
      const last = finished ?? (await store.actions.find(action.id)) ?? action;
      return shown(await awaitStop(last, now + deadlineMs));
    },

    async get(id) {
      const action = await store.actions.find(toActionId(id));
      if (action === undefined) throw new AirfleetError("ACTION_UNKNOWN", { action: id });
      return shown(action);
    },

    async list(query) {
      const { items, next } = await store.actions.list(query);
      return { items: await shownAll(items), next, total: null };
    },
  };
};
