import type { ExecutionNews, LeasedExecution, Store, StoredExecution } from "@airfleet/store";
import type { ActionUseCases } from "../control.ts";
import type { Clock } from "../clock.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { Logger } from "../logger.ts";
import type { LogUseCases } from "../logs/log-use-cases.ts";
import { backOffMs } from "../reconcilers/back-off.ts";
import { createLoop, type Loop } from "../reconcilers/loop.ts";
import type { TriggerUseCases } from "../triggers/trigger.ts";
import { collectResults } from "./collect-results.ts";
import type { ExecutableDeployments, ExecutablePipelines } from "./execution-ports.ts";
import { prepareRun } from "./prepare-run.ts";
import { stopExecution } from "./stop-execution.ts";
import { watchSent } from "./watch-sent.ts";

export interface WorkerPorts {
  readonly store: Pick<Store, "executions" | "triggers" | "runs">;
  readonly pipelines: ExecutablePipelines;
  readonly deployments: ExecutableDeployments;
  readonly triggers: Pick<TriggerUseCases, "request" | "requestMany">;
  readonly actions: Pick<ActionUseCases, "perform" | "get">;
  readonly registry: Pick<InstanceRegistry, "use">;
  readonly logs: Pick<LogUseCases, "open">;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly onWritten: () => void;
}

/** Executions that are worked on at once by one process. */
const AT_ONCE = 16;
/** How soon work that another process left is found. */
const LOOK_EVERY_MS = 500;
const TROUBLE = { firstMs: 500, capMs: 30_000 } as const;

const takeStep = (execution: StoredExecution, ports: WorkerPorts): Promise<ExecutionNews> => {
  const idle: ExecutionNews = { stage: execution.stage, againInMs: null };
  switch (execution.stage) {
    case "preparing":
      return prepareRun(execution, ports);
    case "sent":
      return watchSent(execution, ports);
    case "collecting":
      return collectResults(execution, ports);
    case "stopping":
      return stopExecution(execution, ports);
    case "following":
    case "done":
      return Promise.resolve(idle);
    default:
      return execution.stage satisfies never;
  }
};

/**
 * Carries executions on, one step at a time, each under a lease: whoever finds one whose holder died takes the same step
 * again. Every step may be taken twice; what must happen once (the run, the stop) is made once by where it is recorded.
 */
export const createExecutionWorker = (ports: WorkerPorts): Loop => {
  const { store, leaseMs, clock, logger, random, onWritten } = ports;

  const work = async ({ execution, lease }: LeasedExecution): Promise<void> => {
    let news: ExecutionNews;
    try {
      news = await takeStep(execution, ports);
    } catch (error) {
      logger.warn({ err: error, execution: execution.id, stage: execution.stage }, "an execution met trouble");
      const message = error instanceof Error ? error.message : "unknown trouble";
      const againInMs = backOffMs(Math.min(execution.attempts, 20), { ...TROUBLE, random });
      news = { stage: execution.stage, againInMs, stageNote: message };
    }
    await store.executions.finish(lease, news);
    onWritten();
  };

  const running = new Set<Promise<void>>();
  const loop = createLoop({
    name: "executions",
    step: async () => {
      const limit = AT_ONCE - running.size;
      const claimed = limit > 0 ? await store.executions.claim({ leaseMs, limit }) : [];
      for (const leased of claimed) {
        const task = work(leased).catch((error: unknown) => {
          // Its lease runs out, and the step is taken again.
          logger.warn({ err: error, execution: leased.execution.id }, "what became of an execution was not written");
        });
        running.add(task);
        void task.finally(() => {
          running.delete(task);
          if (running.size === AT_ONCE - 1) loop.wake();
        });
      }
      return claimed.length === limit && limit > 0 ? 0 : LOOK_EVERY_MS;
    },
    clock,
    logger,
    random,
  });
  return {
    ...loop,
    async stop() {
      await loop.stop();
      await Promise.all(running);
    },
  };
};
