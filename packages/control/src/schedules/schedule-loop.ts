import { isAirfleetError, toDagId, toInstanceId } from "@airfleet/model";
import type { LeasedSchedule, NewExecution, Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import { choosePlace } from "../executions/choose-place.ts";
import { actorOf } from "../executions/execution-request.ts";
import type { ExecutableDeployments, ExecutablePipelines } from "../executions/execution-ports.ts";
import type { Logger } from "../logger.ts";
import { createLoop, type Loop } from "../reconcilers/loop.ts";
import { dueTicks, tickExecutionId, tickRunId } from "./serve-ticks.ts";

interface LoopPorts {
  readonly store: Pick<Store, "schedules">;
  readonly pipelines: Pick<ExecutablePipelines, "sound">;
  readonly deployments: Pick<ExecutableDeployments, "places">;
  readonly leaseMs: number;
  readonly readyWithinMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  /** Executions were made. */
  readonly onServed: () => void;
  readonly onWritten: () => void;
}

const AT_ONCE = 20;
/** A change on another server is noticed this late at most. */
const LOOK_EVERY_MS = 1_000;

/**
 * Serves the schedules that this server is in charge of. A tick's execution has an id made of schedule and tick, and is
 * written in the transaction that moves the schedule on: however many servers look, and whenever one dies, a tick is
 * served once.
 */
export const createScheduleLoop = (ports: LoopPorts): Loop => {
  const { store, pipelines, deployments, leaseMs, readyWithinMs, clock, logger, random, onServed, onWritten } = ports;

  const toExecutions = async (
    { schedule }: LeasedSchedule,
    ticks: readonly number[],
  ): Promise<readonly NewExecution[]> => {
    if (ticks.length === 0) return [];
    const pipeline = await pipelines.sound(schedule.pipeline, actorOf({ triggeredBy: schedule.createdBy }));
    const { instance: named, environment } = schedule.definition;
    const place = {
      ...(named === null ? {} : { instance: toInstanceId(named) }),
      ...(environment === null ? {} : { environment }),
    };
    const instance = choosePlace(pipeline, place, deployments.places());
    return ticks.map((tick) => ({
      id: tickExecutionId(schedule.id, tick),
      pipeline: schedule.pipeline,
      revision: pipeline.revision,
      artifactHash: null,
      instance,
      dagId: toDagId(pipeline.dagId),
      runId: tickRunId(schedule.id, tick),
      triggerType: "scheduled",
      params: schedule.params,
      scope: null,
      requestHash: null,
      schedule: schedule.id,
      tick,
      deadlineAt: clock.now() + readyWithinMs,
    }));
  };

  const serve = async (leased: LeasedSchedule): Promise<void> => {
    const { schedule, lease } = leased;
    const { serve: ticks, dropped, next } = dueTicks(schedule, clock.now());
    const executions = await toExecutions(leased, ticks).catch((error: unknown) => {
      if (!isAirfleetError(error) || error.retryable) throw error;
      // What a person has to put right: the tick is lost, and said; the next one may find it mended.
      logger.warn({ err: error, schedule: schedule.id, ticks }, "a schedule could not start its pipeline");
      return [];
    });
    if (dropped > 0) logger.warn({ schedule: schedule.id, dropped }, "missed ticks of a schedule are not made up for");
    const author = { actor: `schedule:${schedule.id}`, sourceIp: null, requestId: null };
    await store.schedules.serve(lease, { executions, lastTick: ticks.at(-1) ?? null, nextTick: next }, author);
    onWritten();
    if (executions.length > 0) onServed();
  };

  return createLoop({
    name: "schedules",
    step: async () => {
      const due = await store.schedules.claimDue({ leaseMs, limit: AT_ONCE });
      await Promise.all(due.map(serve));
      if (due.length === AT_ONCE) return 0;
      const next = await store.schedules.nextDue();
      return next === null ? LOOK_EVERY_MS : Math.min(LOOK_EVERY_MS, Math.max(0, next - clock.now()));
    },
    clock,
    logger,
    random,
  });
};
