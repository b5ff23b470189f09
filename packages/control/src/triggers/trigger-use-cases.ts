import { createHash, createHmac } from "node:crypto";
import {
  AirfleetError,
  CONF_DEPTH,
  isAirfleetError,
  isFinalTriggerState,
  toTriggerId,
  type TriggerState,
} from "@airfleet/model";
import {
  type LeasedAction,
  type RefusedItem,
  runKeyOf,
  type Store,
  type StoredRun,
  type StoredTrigger,
} from "@airfleet/store";
import { isInScope } from "../access/instance-scope.ts";
import type { ActionExecutor } from "../actions/action-executor.ts";
import { canonical } from "../actions/stored-intent.ts";
import type { Actor } from "../actor.ts";
import type { Clock } from "../clock.ts";
import type { InstanceUseCases } from "../control.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { RunWatch } from "../runs/run-watch.ts";
import { awaitTriggers } from "./await-triggers.ts";
import { createIntentTimes } from "./intent-time.ts";
import { type PreparedItem, prepareTriggers } from "./prepare-triggers.ts";
import type { Pulse } from "./pulse.ts";
import type { Redact, SecretNames } from "./secret-names.ts";
import { PLACES_PER_ITEM, type TriggerTerms, type TriggerTicket, type TriggerUseCases } from "./trigger.ts";

export interface TriggerPorts {
  readonly store: Store;
  readonly instances: Pick<InstanceUseCases, "list">;
  readonly executor: ActionExecutor;
  readonly watch: Pick<RunWatch, "watch">;
  readonly pulse: Pulse;
  readonly clock: Clock;
  readonly owner: string;
  readonly redact: Redact;
  readonly secretNames: Pick<SecretNames, "learn">;
  readonly leaseMs: number;
  readonly retryForMs: number;
  readonly projectName: string | undefined;
  readonly registry: Pick<InstanceRegistry, "get">;
  /** Triggers wait for somebody to take them up. */
  readonly onWaiting: () => void;
  readonly onWritten: () => void;
}

const MAY_HAVE_RUN: ReadonlySet<TriggerState> = new Set<TriggerState>(["sending", "accepted", "failed"]);
/** So few are sent by this process at once; more wait for their turn with everybody else's. */
const SENT_AT_ONCE = 4;
/** Whoever asks again this soon finds the first request recorded. */
const RETRY_SECONDS = 1;

const scopeOf = ({ actor, key }: TriggerTerms): string | null =>
  key === undefined
    ? null
    : createHash("sha256")
        .update(JSON.stringify(["triggers", actor.id, key]))
        .digest("base64url");

/** Under the key that only the caller knows: a body may hold secrets. */
const hashOf = ({ key, body }: TriggerTerms): string => {
  try {
    return createHmac("sha256", key ?? "")
      .update(canonical(body))
      .digest("base64url");
  } catch (error) {
    // Thousands of levels: an item of a batch that is refused by itself, but the whole cannot be told from others.
    throw new AirfleetError("CONF_UNUSABLE", { reason: "it is nested deeper", depth: CONF_DEPTH }, { cause: error });
  }
};

const toRefusal = (error: unknown, position: number): RefusedItem => {
  if (!isAirfleetError(error) || error.status >= 500) throw error;
  return { position, code: error.code, message: error.message };
};

export const createTriggerUseCases = (ports: TriggerPorts): TriggerUseCases => {
  const { store, executor, clock, owner, leaseMs, onWaiting, onWritten, registry } = ports;
  const recording = new Set<string>();
  const now = (): number => clock.now();
  const preparing = { ...ports, now, intentTime: createIntentTimes(now) };

  /** Nobody waits for the end of it here: what fails in passing is tried again. */
  const send = (leased: LeasedAction): void => {
    const until = now() + registry.get(leased.action.instance).config.limits.timeout_ms;
    executor.execute(leased, { until, mayRetry: true, isMarked: true }).catch(() => undefined);
  };

  const replayed = async (scope: string, terms: TriggerTerms): Promise<TriggerTicket | undefined> => {
    const known = await store.triggers.findByScope(scope);
    if (known === undefined) return undefined;
    const { request, triggers } = known;
    if (request.requestHash !== hashOf(terms)) {
      throw new AirfleetError("IDEMPOTENCY_KEY_REUSED", { key: terms.key ?? "" });
    }
    return { requestId: request.id, isReplay: true, triggers, refused: request.refused };
  };

  const record = async (
    terms: TriggerTerms,
    prepare: () => Promise<{ readonly items: PreparedItem; readonly refused: readonly RefusedItem[] }>,
  ): Promise<TriggerTicket> => {
    const scope = scopeOf(terms);
    if (scope !== null) {
      if (recording.has(scope)) {
        const options = { retryAfterSeconds: RETRY_SECONDS };
        throw new AirfleetError("IDEMPOTENCY_KEY_OUTSTANDING", { key: terms.key ?? "" }, options);
      }
      recording.add(scope);
    }
    try {
      const known = scope === null ? undefined : await replayed(scope, terms);
      if (known !== undefined) return known;
      const { items, refused } = await prepare();
      if (items.length > PLACES_PER_ITEM) {
        throw new AirfleetError("TRIGGERS_TOO_MANY", { count: items.length, limit: PLACES_PER_ITEM });
      }
      const requestHash = hashOf(terms);
      const { request, created, triggers, leased } = await store.triggers.record(
        { scope, requestHash, actor: terms.actor.id, facts: {}, refused, triggers: items },
        items.length <= SENT_AT_ONCE ? { leaseTo: { owner, leaseMs, isSent: true } } : {},
      );
      if (!created && request.requestHash !== requestHash) {
        throw new AirfleetError("IDEMPOTENCY_KEY_REUSED", { key: terms.key ?? "" });
      }
      leased.forEach(send);
      onWritten();
      if (created && leased.length < triggers.length) onWaiting();
      return { requestId: request.id, isReplay: !created, triggers, refused: request.refused };
    } finally {
      if (scope !== null) recording.delete(scope);
    }
  };

  const find = async (id: string, actor: Actor): Promise<StoredTrigger> => {
    const trigger = await store.triggers.find(toTriggerId(id));
    if (trigger !== undefined && isInScope(actor, trigger.instance)) return trigger;
    throw new AirfleetError("TRIGGER_UNKNOWN", { trigger: id });
  };

  return {
    request: (ask, terms) =>
      record(terms, async () => {
        const { actor, key } = terms;
        return { items: await prepareTriggers(ask, { actor, key, index: 0 }, preparing), refused: [] };
      }),

    requestMany: (asks, terms) =>
      record(terms, async () => {
        const { actor, key } = terms;
        const items: PreparedItem[number][] = [];
        const refused: RefusedItem[] = [];
        for (const [index, ask] of asks.entries()) {
          const position = index * PLACES_PER_ITEM;
          if ("refused" in ask) {
            refused.push({ position, ...ask.refused });
            continue;
          }
          const own = key === undefined ? undefined : `${key}\n${index}`;
          try {
            items.push(...(await prepareTriggers(ask, { actor, key: own, index }, preparing)));
          } catch (error) {
            refused.push(toRefusal(error, position));
          }
        }
        return { items, refused };
      }),

    async settle(ticket, wait) {
      return { ...ticket, triggers: await awaitTriggers(ticket, wait, ports) };
    },

    get: find,
    attempts: ({ id }) => store.triggers.attempts(id),
    list: (query) => store.triggers.list(query),

    async runsOf(triggers) {
      const runs = new Map<string, StoredRun>();
      for (const [instance, own] of Map.groupBy(triggers, (trigger) => trigger.instance)) {
        for (const run of await store.runs.findMany(instance, own)) runs.set(run.key, run);
      }
      return new Map(
        triggers.flatMap((trigger) => {
          // A foreign run under the id is no run of a trigger that was rejected for it.
          const run = MAY_HAVE_RUN.has(trigger.state) ? runs.get(runKeyOf(trigger)) : undefined;
          return run === undefined ? [] : [[trigger.id, run] as const];
        }),
      );
    },

    async cancel(id, actor) {
      const { id: known } = await find(id, actor);
      const reason = new AirfleetError("TRIGGER_CANCELLED", { actor: actor.id });
      const { sourceIp, requestId } = actor;
      const answer = await store.triggers.cancel({ id: known, actor: actor.id, reason, sourceIp, requestId });
      if (answer === undefined) throw new AirfleetError("TRIGGER_UNKNOWN", { trigger: id });
      const { trigger, cancelled } = answer;
      if (cancelled) {
        onWritten();
        return trigger;
      }
      if (!isFinalTriggerState(trigger.state)) throw new AirfleetError("TRIGGER_SENDING", { trigger: id });
      const hint = trigger.state === "accepted" ? " Stop its run instead." : "";
      throw new AirfleetError("TRIGGER_FINISHED", { trigger: id, state: trigger.state, hint });
    },
  };
};
