import { type InstanceId, isTerminalRunState } from "@airfleet/model";
import type { LeasedAction, Store, StoredAction } from "@airfleet/store";
import type { ActionIntent } from "./action.ts";
import type { Clock } from "../clock.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { Logger } from "../logger.ts";
import type { Metrics } from "../metrics.ts";
import type { AcceptedRuns } from "../runs/accepted-runs.ts";
import type { RunTracker } from "../runs/run-tracker.ts";
import { redactConf } from "../triggers/redact-conf.ts";
import type { Redact } from "../triggers/secret-names.ts";
import { collectSentRequests, type SentRequests } from "../triggers/sent-requests.ts";
import { endOfFailed } from "../triggers/trigger-end.ts";
import { FIND_OUT_FOR_MS, FIRST_LOOK_MS } from "../triggers/trigger-waits.ts";
import { createAttempt, LeaseLost, type TrackedAttempt } from "./attempt.ts";
import { judgeFailure, toActionError } from "./judge-failure.ts";
import { keepLease, type LeaseKeeper } from "./lease-keeper.ts";
import type { Outcome } from "./performer.ts";
import { toObservations } from "./observed-by-action.ts";
import type { CarryOut } from "./performers.ts";
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
  /** How many of them on this instance. */
  activeOn(instance: InstanceId): number;
  /** Lets what is in flight end until `withinMs`, then ends it and gives the actions back. */
  drain(withinMs: number): Promise<void>;
}

export interface ExecutionTerms {
  /** Until when this attempt may take, epoch milliseconds. */
  readonly until: number;
  /** Whether a passing trouble leaves the action pending, to be tried again; else it is the end. */
  readonly mayRetry: boolean;
  /** It was recorded as sent a moment ago, by whoever asks for this; nothing has left yet. */
  readonly isMarked?: boolean;
}

interface ExecutorPorts {
  readonly store: Store;
  readonly registry: InstanceRegistry;
  readonly tracker: RunTracker;
  readonly accepted: AcceptedRuns;
  readonly carryOut: CarryOut;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly random: () => number;
  readonly redact: Redact;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /** Something was written that the sequencer should look at. */
  readonly onWritten: () => void;
}

const OUTCOME_UNKNOWN = {
  code: "OUTCOME_UNKNOWN",
  message: "It was sent, but no answer came, and reading back did not tell what became of it. Look at the instance.",
} as const;

/** What is kept of one attempt. */
interface Trail {
  readonly sent: SentRequests;
  /** Takes secrets out of what the attempt read. */
  readonly hide: (value: unknown) => unknown;
}

type Kept = Readonly<Record<string, unknown>>;

export const createActionExecutor = (ports: ExecutorPorts): ActionExecutor => {
  const { store, registry, tracker, accepted, carryOut, clock, logger, metrics, random, redact } = ports;
  const { leaseMs, heartbeatMs, onWritten } = ports;
  const running = new Map<Promise<unknown>, InstanceId>();
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
    options: Parameters<Store["actions"]["release"]>[1],
  ): Promise<StoredAction> => {
    const reference = { id: action.id, fencingToken: lease.fencingToken };
    await store.actions.release(reference, options);
    onWritten();
    return current(action);
  };

  const succeed = async (
    leased: LeasedAction,
    outcome: Outcome,
    { readSince, trail: { sent, hide } }: { readonly readSince: number; readonly trail: Trail },
  ): Promise<StoredAction> => {
    const isTrigger = leased.action.verb === "run:trigger";
    if (!isTrigger) await publish(leased.action, outcome, readSince);
    const isOver = outcome.run === undefined || isTerminalRunState(outcome.run.state);
    const { failure } = outcome;
    const finished = await finish(leased, {
      state: failure === undefined ? "done" : "failed",
      ...(failure === undefined ? {} : { error: toActionError(failure, leased.action.requestId) }),
      trigger: { state: "accepted", sent: sent.list(), lookAt: isOver ? null : clock.now() + FIRST_LOOK_MS },
      before: hide(outcome.before) as Kept | null,
      after: hide(outcome.after) as Kept | null,
      warnings: outcome.warnings ?? [],
    });
    // Who asked for a run waits for the engine's yes, not for our lists to show it.
    if (isTrigger) {
      const { instance, verb } = leased.action;
      const runs = toObservations(verb, outcome, tracker.timeOf(instance, readSince));
      accepted.add(instance, { dag: outcome.dag, runs });
    }
    return finished;
  };

  const fail = async (
    leased: LeasedAction,
    error: unknown,
    parts: { attempt: TrackedAttempt; keeper: LeaseKeeper; mayRetry: boolean; sent: SentRequests },
  ): Promise<StoredAction> => {
    const { action } = leased;
    const { attempt, keeper, mayRetry } = parts;
    if (error instanceof LeaseLost || (keeper.signal.aborted && !shutdown.signal.aborted)) {
      metrics.fenced("action");
      return current(action);
    }
    const sendState = attempt.sendState();
    const given = { unsent: sendState === "none", sent: parts.sent.list() };
    // We end it, not the instance: whoever comes next finds out how far it got.
    if (shutdown.signal.aborted) return release(leased, { retryAfterMs: 0, ...given });
    const graceMs = action.verb === "run:trigger" && sendState === "lost" ? FIND_OUT_FOR_MS : 0;
    const remainingMs = (action.deadlineAt ?? action.createdAt) + graceMs - clock.now();
    const verdict = judgeFailure({ error, sent: sendState, mayRetry, attempts: action.attempts, remainingMs, random });
    if (verdict.kind === "retry") return release(leased, { retryAfterMs: verdict.afterMs, ...given });
    const reason = toActionError(error, action.requestId);
    if (reason.code === "INTERNAL") logger.error({ err: error, action: action.id }, "an action failed inside Airfleet");
    return finish(leased, {
      state: verdict.state,
      error: reason,
      warnings: verdict.state === "unknown" ? [OUTCOME_UNKNOWN] : [],
      trigger: { state: endOfFailed({ error, sent: sendState, mayRetry }), sent: given.sent },
    });
  };

  const limitOf = (instance: InstanceId): number =>
    registry.list().find(({ config }) => config.id === instance)?.config.limits.timeout_ms ?? leaseMs;

  const attemptOnce = async (
    leased: LeasedAction,
    intent: ActionIntent,
    terms: ExecutionTerms,
  ): Promise<StoredAction> => {
    const { action, lease } = leased;
    const reference = { id: action.id, fencingToken: lease.fencingToken };
    const renew = (): Promise<boolean> => store.actions.renew(reference, leaseMs);
    const keeper = keepLease({ renew, leaseMs, heartbeatMs, clock });
    const isTrigger = intent.verb === "run:trigger";
    const secretKeys = isTrigger ? intent.secretConfKeys : undefined;
    const hide = (value: unknown): unknown => redactConf(value, secretKeys, (inner) => redact(inner, action));
    const sent = collectSentRequests(isTrigger ? intent.conf : {}, hide);
    const isExpired = terms.mayRetry && action.deadlineAt !== null && action.deadlineAt <= clock.now();
    const attempt = createAttempt({
      action,
      ...(isTrigger ? { onExchange: sent.note } : {}),
      expiredAt: isExpired ? action.deadlineAt : null,
      isMarked: terms.isMarked === true,
      earlier: action.sentAt === null || terms.isMarked === true ? null : (action.before ?? {}),
      markSent: (before) => store.actions.markSent(reference, before),
      signal: AbortSignal.any([keeper.signal, shutdown.signal]),
      deadlineAt: terms.until,
      callLimitMs: limitOf(action.instance),
      clock,
    });
    let outcome: Outcome;
    try {
      outcome = await registry.use(action.instance, (engine) => carryOut(intent, engine, attempt));
    } catch (error) {
      return await fail(leased, error, { attempt, keeper, mayRetry: terms.mayRetry, sent });
    } finally {
      keeper.stop();
    }
    if (outcome.again !== undefined) {
      await publish(action, outcome, attempt.readBackSince());
      return release(leased, { retryAfterMs: outcome.again.afterMs, unsent: attempt.sendState() === "none" });
    }
    return succeed(leased, outcome, { readSince: attempt.readBackSince(), trail: { sent, hide } });
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
      running.set(settled, leased.action.instance);
      void settled.then(() => running.delete(settled));
      return execution;
    },
    get active() {
      return running.size;
    },
    activeOn: (instance) => running.values().reduce((count, one) => (one === instance ? count + 1 : count), 0),
    async drain(withinMs) {
      const cancel = clock.after(withinMs, () => shutdown.abort());
      // What a request in flight begins meanwhile is waited for as well.
      while (running.size > 0) await Promise.all(running.keys());
      await accepted.flush();
      cancel();
      shutdown.abort();
    },
  };
};
