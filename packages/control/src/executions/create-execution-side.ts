import type { PipelineUseCases } from "../pipelines/pipeline.ts";
import { createScheduleLoop } from "../schedules/schedule-loop.ts";
import { createScheduleUseCases, type ScheduleUseCases } from "../schedules/schedule-use-cases.ts";
import { createExecutablePipelines } from "./executable-pipelines.ts";
import type { ExecutableDeployments } from "./execution-ports.ts";
import { createExecutionUseCases, type ExecutionUseCases } from "./execution-use-cases.ts";
import { createExecutionWorker, type WorkerPorts } from "./execution-worker.ts";
import { createPipelineWebhookUseCases, type PipelineWebhookUseCases } from "./pipeline-webhooks.ts";

type Ports = Omit<WorkerPorts, "pipelines" | "store"> &
  Pick<
    Parameters<typeof createExecutionUseCases>[0],
    "instances" | "registry" | "reader" | "readyWithinMs" | "redact"
  > &
  Pick<Parameters<typeof createScheduleUseCases>[0], "store"> &
  Pick<Parameters<typeof createScheduleLoop>[0], "store"> &
  Pick<Parameters<typeof createPipelineWebhookUseCases>[0], "store"> &
  Pick<WorkerPorts, "store"> & {
    readonly pipelines: PipelineUseCases;
    readonly deployments: ExecutableDeployments;
  };

/** Executing pipelines, by hand, by schedule and by webhook, with what goes on behind it. */
export interface ExecutionSide {
  readonly useCases: {
    readonly executions: ExecutionUseCases;
    readonly schedules: ScheduleUseCases;
    readonly pipelineWebhooks: PipelineWebhookUseCases;
  };
  start(): void;
  stop(): Promise<void>;
}

export const createExecutionSide = (ports: Ports): ExecutionSide => {
  const pipelines = createExecutablePipelines(ports.pipelines);
  const worker = createExecutionWorker({ ...ports, pipelines });
  const wake = (): void => worker.wake();
  const executions = createExecutionUseCases({ ...ports, pipelines, onWaiting: wake });
  const loop = createScheduleLoop({ ...ports, pipelines, onServed: wake });
  const schedules = createScheduleUseCases({ ...ports, pipelines, executions, onChanged: () => loop.wake() });
  return {
    useCases: {
      executions,
      schedules,
      pipelineWebhooks: createPipelineWebhookUseCases({ ...ports, pipelines: ports.pipelines, executions }),
    },
    start() {
      worker.start();
      loop.start();
    },
    async stop() {
      await Promise.all([worker.stop(), loop.stop()]);
    },
  };
};
