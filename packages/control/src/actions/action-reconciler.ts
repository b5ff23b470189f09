import { type InstanceId, toInstanceId } from "@airfleet/model";
import type { LeasedAction, Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { Logger } from "../logger.ts";
import { createLoop, type Loop } from "../reconcilers/loop.ts";
import type { ActionExecutor } from "./action-executor.ts";

interface ReconcilerPorts {
  readonly store: Store;
  readonly registry: InstanceRegistry;
  readonly executor: ActionExecutor;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly owner: string;
  readonly leaseMs: number;
}

/** Actions that a process carries out at once. Each may hold a conf of a megabyte. */
const AT_ONCE = 160;
/** On one instance: twice what its client sends at once, so that the next is there when one ends. */
const ON_ONE_INSTANCE = 16;
/** An orphan is found within its lease and this. */
const LOOK_EVERY_MS = 1_000;

/**
 * Takes over actions that nobody is at work on: they were recorded to be carried out later, their process died, or they
 * wait for another try. Nobody waits for them any more, so what fails in passing is tried again until the action's own
 * deadline. Each instance has its own share, so that one which hangs does not keep the others waiting.
 */
export const createActionReconciler = (ports: ReconcilerPorts): Loop => {
  const { store, registry, executor, clock, logger, random, owner, leaseMs } = ports;
  /** Instances that have more to do than was claimed. */
  const saturated = new Set<InstanceId>();

  const limitOf = (instance: InstanceId): number => {
    const defined = registry.list().find(({ config }) => config.id === instance);
    return defined?.config.limits.timeout_ms ?? leaseMs;
  };

  const carryOut = async (leased: LeasedAction, isMarked: boolean): Promise<void> => {
    const { id, instance, attempts, verb } = leased.action;
    // A stop is taken up for each look at its processes.
    if (attempts > 1 && verb !== "run:stop")
      logger.info({ action: id, instance, attempts }, "an action was taken over");
    const until = clock.now() + limitOf(instance);
    // What fails here is logged by the executor; the action's lease runs out and it is found again.
    await executor.execute(leased, { until, mayRetry: true, isMarked }).catch(() => undefined);
    if (saturated.has(instance) && executor.activeOn(instance) <= ON_ONE_INSTANCE / 2) loop.wake();
  };

  /**
   * Notes of triggers that were never sent that they are now, all in one write: one for each would make them wait for the
   * disk one after the other. @returns What is still ours, and whether it was noted
   */
  const markSent = async (claimed: readonly LeasedAction[]): Promise<readonly (readonly [LeasedAction, boolean])[]> => {
    const fresh = claimed.filter(({ action }) => action.verb === "run:trigger" && action.sentAt === null);
    if (fresh.length === 0) return claimed.map((leased) => [leased, false]);
    try {
      const references = fresh.map(({ action, lease }) => ({ id: action.id, fencingToken: lease.fencingToken }));
      const held = await store.actions.markTriggersSent(references);
      const ours = claimed.filter((leased) => held.has(leased.action.id) || !fresh.includes(leased));
      return ours.map((leased) => [leased, held.has(leased.action.id)]);
    } catch {
      // Then each notes it for itself before it is sent.
      return claimed.map((leased) => [leased, false]);
    }
  };

  const claim = async (instance: InstanceId, limit: number): Promise<number> => {
    const claimed = await store.actions.claim({ owner, limit, leaseMs, instance });
    if (claimed.length === limit) saturated.add(instance);
    else saturated.delete(instance);
    for (const [leased, isMarked] of await markSent(claimed)) void carryOut(leased, isMarked);
    return claimed.length;
  };

  /** Claims of as many instances as there is room for, beside each other: what is written together shares a commit. */
  const claimRound = async (inTurn: InstanceId[], left: number): Promise<number> => {
    const claims: Promise<number>[] = [];
    let free = left;
    while (free > 0) {
      const instance = inTurn.shift();
      if (instance === undefined) break;
      const room = Math.min(free, ON_ONE_INSTANCE - executor.activeOn(instance));
      if (room > 0) {
        free -= room;
        claims.push(claim(instance, room));
      } else {
        saturated.add(instance);
      }
    }
    return (await Promise.all(claims)).reduce((sum, count) => sum + count, 0);
  };

  const step = async (): Promise<number> => {
    let left = AT_ONCE - executor.active;
    if (left <= 0) return LOOK_EVERY_MS;
    const due = (await store.actions.dueInstances()).map(toInstanceId);
    // Whoever has least under way comes first: a full house must not be filled by one instance again and again.
    const inTurn = due.toSorted((one, other) => executor.activeOn(one) - executor.activeOn(other));
    while (inTurn.length > 0 && left > 0) left -= await claimRound(inTurn, left);
    return LOOK_EVERY_MS;
  };

  const loop = createLoop({ name: "act", step, clock, logger, random });
  return loop;
};
