import type { LeasedAction, Store, StoredAction } from "@airfleet/store";
import type { ActionIntent } from "./action.ts";
import type { Clock } from "../clock.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { Logger } from "../logger.ts";
import type { Metrics } from "../metrics.ts";
import type { RunTracker } from "../runs/run-tracker.ts";
import { createAttempt, LeaseLost, type TrackedAttempt } from "./attempt.ts";
import { judgeFailure, toActionError } from "./judge-failure.ts";
import { keepLease, type LeaseKeeper } from "./lease-keeper.ts";
import type { Outcome } from "./performer.ts";
import { toObservations } from "./observed-by-action.ts";
import { carryOut } from "./performers.ts";
import { toIntent } from "./stored-intent.ts";

/**
 * Carries out leased actions: the one place besides live reads and polling where an instance is called, and the only
 * one that writes. The request path and the reconciler run this very code.
 */
export interface ActionExecutor {
  /**
   * Carries out an action to its end, or releases it to be tried later. Answers it as it stands then; never throws for
   * what the instance did.
   *
   * @throws {AirfleetError} STORE_BUSY, STORE_UNAVAILABLE
   */
  execute(leased: LeasedAction, terms: ExecutionTerms): Promise<StoredAction>;
  /** How many are being carried out. */
  readonly active: number;
  /** Lets what is in flight end until `withinMs`, then ends it and gives the actions back. */
  drain(withinMs: number): Promise<void>;
}

export interface ExecutionTerms {
  /** Until when this attempt may take, epoch milliseconds. */
  readonly until: number;
  /** Whether a passing trouble leaves the action pending, to be tried again; else it is the end. */
  readonly mayRetry: boolean;
}

interface ExecutorPorts {
  readonly store: Store;
  readonly registry: InstanceRegistry;
  readonly tracker: RunTracker;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly random: () => number;
  readonly redact: (value: unknown) => unknown;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /** Something was written that the sequencer should look at. */
  readonly onWritten: () => void;
}

type Kept = Readonly<Record<string, unknown>>;

export const createActionExecutor = (ports: ExecutorPorts): ActionExecutor => {
  const { store, registry, tracker, clock, logger, metrics, random, redact, leaseMs, heartbeatMs, onWritten } = ports;
  const running = new Set<Promise<unknown>>();
  const shutdown = new AbortController();

  const current = async (action: StoredAction): Promise<StoredAction> =>
    (await store.actions.find(action.id)) ?? action;

  /** Shows at once what was read on the way. An action is done all the same when this fails. */
  const publish = async (action: StoredAction, outcome: Outcome, readSince: number): Promise<void> => {
    const { instance } = action;
    try {
      if (outcome.dag !== undefined) await store.dags.observe(instance, [outcome.dag], clock.now());
      const observations = toObservations(action.verb, outcome, tracker.timeOf(instance, readSince));
      if (observations.length > 0) await tracker.note(instance, observations);
    } catch (error) {
      logger.warn({ err: error, instance }, "the readings of an action were not stored; the next poll brings them");
    }
  };

  const finish = async (
    { action, lease }: LeasedAction,
    end: Omit<Parameters<Store["actions"]["finish"]>[0], "id" | "fencingToken">,
  ): Promise<StoredAction> => {
    const finished = await store.actions.finish({ id: action.id, fencingToken: lease.fencingToken, ...end });
    onWritten();
    if (finished === undefined) {
      metrics.fenced("action");
      return current(action);
    }
    metrics.acted({ verb: action.verb, state: finished.state, durationMs: clock.now() - action.createdAt });
    return finished;
  };

  const release = async (
    { action, lease }: LeasedAction,
    retryAfterMs: number,
    unsent: boolean,
  ): Promise<StoredAction> => {
    const reference = { id: action.id, fencingToken: lease.fencingToken };
    await store.actions.release(reference, { retryAfterMs, unsent });
    return current(action);
  };

  const succeed = async (leased: LeasedAction, outcome: Outcome, readSince: number): Promise<StoredAction> => {
    await publish(leased.action, outcome, readSince);
    return finish(leased, {
      state: "done",
      before: redact(outcome.before) as Kept | null,
      after: redact(outcome.after) as Kept | null,
      warnings: outcome.warnings ?? [],
    });
  };

  const fail = async (
    leased: LeasedAction,
    error: unknown,
    { attempt, keeper, mayRetry }: { attempt: TrackedAttempt; keeper: LeaseKeeper; mayRetry: boolean },
  ): Promise<StoredAction> => {
    const { action } = leased;
    if (error instanceof LeaseLost || (keeper.signal.aborted && !shutdown.signal.aborted)) {
      metrics.fenced("action");
      return current(action);
    }
    const sent = attempt.sendState();
    // We end it, not the instance: whoever comes next finds out how far it got.
    if (shutdown.signal.aborted) return release(leased, 0, sent === "none");
    const remainingMs = (action.deadlineAt ?? action.createdAt) - clock.now();
    const verdict = judgeFailure({ error, sent, mayRetry, attempts: action.attempts, remainingMs, random });
    if (verdict.kind === "retry") return release(leased, verdict.afterMs, sent === "none");
    const reason = toActionError(error, action.requestId);
    if (reason.code === "INTERNAL") logger.error({ err: error, action: action.id }, "an action failed inside Airfleet");
    return finish(leased, { state: verdict.state, error: reason });
  };

  const attemptOnce = async (
    leased: LeasedAction,
    intent: ActionIntent,
    terms: ExecutionTerms,
  ): Promise<StoredAction> => {
    const { action, lease } = leased;
    const reference = { id: action.id, fencingToken: lease.fencingToken };
    const renew = (): Promise<boolean> => store.actions.renew(reference, leaseMs);
    const keeper = keepLease({ renew, leaseMs, heartbeatMs, clock });
    const attempt = createAttempt({
      earlier: action.sentAt === null ? null : (action.before ?? {}),
      markSent: (before) => store.actions.markSent(reference, before),
      signal: AbortSignal.any([keeper.signal, shutdown.signal]),
      deadlineAt: terms.until,
      callLimitMs: registry.get(action.instance).config.limits.timeout_ms,
      clock,
    });
    let outcome: Outcome;
    try {
      outcome = await registry.use(action.instance, (engine) => carryOut(intent, engine, attempt));
    } catch (error) {
      return await fail(leased, error, { attempt, keeper, mayRetry: terms.mayRetry });
    } finally {
      keeper.stop();
    }
    return succeed(leased, outcome, attempt.readBackSince());
  };

  const execute = async (leased: LeasedAction, terms: ExecutionTerms): Promise<StoredAction> => {
    const intent = toIntent(leased.secret);
    try {
      if (intent !== undefined) return await attemptOnce(leased, intent, terms);
      return await finish(leased, { state: "failed", error: toActionError(undefined, leased.action.requestId) });
    } catch (error) {
      logger.error({ err: error, action: leased.action.id }, "the outcome of an action could not be stored");
      throw error;
    }
  };

  return {
    execute(leased, terms) {
      const execution = execute(leased, terms);
      const settled = execution.catch(() => undefined);
      running.add(settled);
      void settled.then(() => running.delete(settled));
      return execution;
    },
    get active() {
      return running.size;
    },
    async drain(withinMs) {
      const cancel = clock.after(withinMs, () => shutdown.abort());
      // What a request in flight begins meanwhile is waited for as well.
      while (running.size > 0) await Promise.all(running);
      cancel();
      shutdown.abort();
    },
  };
};
