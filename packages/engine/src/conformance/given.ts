import { randomBytes } from "node:crypto";
import {
  type DagId,
  type EngineKind,
  type Instant,
  isTerminalRunState,
  type Run,
  type RunAddress,
  type RunId,
  type TaskAddress,
  type TaskInstance,
  toDagId,
  toRunId,
  toTaskId,
} from "@airfleet/model";
import type { Probe } from "../capabilities.ts";
import type { Engine } from "../engine.ts";
import type { TriggerRequest } from "../requests.ts";
import { eventually, type Patience } from "./waiting.ts";

/** Situations that claims start from. */
export interface Given {
  /** A run id that was never used. */
  runId(): RunId;
  /** A name that was never used, for variables and the like. */
  name(): string;
  /** A DAG id that was never used. */
  dagId(): DagId;
  /** A logical date that was never used, in the past. */
  logicalDate(): Instant;
  /** The present by the engine's clock, a little earlier to be sure. */
  now(): Instant;
  /** A run just triggered. */
  run(dagId: DagId, request?: Partial<TriggerRequest>): Promise<Run>;
  /** Waits for the end of a run. */
  ended(run: RunAddress): Promise<Run>;
  /** A run that has ended and belongs to the caller. */
  finished(dagId: DagId): Promise<Run>;
  /** The one run of this DAG that all claims read and none changes; it has ended. */
  shared(dagId: DagId): Promise<Run>;
  /** Waits until the task runs. */
  running(task: TaskAddress): Promise<TaskInstance>;
}

/** Names a task of a run. */
export const taskOf = ({ dagId, runId }: RunAddress, taskId: string, mapIndex = -1): TaskAddress => ({
  dagId,
  runId,
  taskId: toTaskId(taskId),
  mapIndex,
});

/** Names a run, without all that a `Run` has beside. */
export const addressOf = ({ dagId, runId }: RunAddress): RunAddress => ({ dagId, runId });

/** What an engine says of a run that was told to stop. */
const STOPPED = { airflow: "failed", dagster: "cancelled", embedded: "failed" } as const satisfies Record<
  EngineKind,
  Run["state"]
>;

/** Whether a run that was told to stop says so in its engine's way. */
export const isStopped = ({ kind }: Pick<Engine, "kind">, { state }: Pick<Run, "state">): boolean =>
  state === STOPPED[kind];

interface GivenOptions {
  readonly engine: Engine;
  readonly probe: Probe;
  readonly patience: Patience;
}

export const createGiven = ({ engine, probe, patience }: GivenOptions): Given => {
  const suite = randomBytes(4).toString("hex");
  const shared = new Map<DagId, Promise<Run>>();
  let count = 0;
  const next = (): string => {
    count += 1;
    return `${suite}_${count}`;
  };
  // Far enough back that no other suite on the same instance meets the same microsecond.
  const firstDate = Date.UTC(2024, 0, 1) + randomBytes(4).readUInt32BE() * 10;

  const given: Given = {
    runId: () => toRunId(`conf_${next()}`),
    name: () => `conf_${next()}`,
    dagId: () => toDagId(`conf_${next()}`),
    logicalDate: () => {
      count += 1;
      return new Date(firstDate + count * 1_000).toISOString();
    },
    now: () => new Date(Date.now() + (probe.clockSkewMs ?? 0) - 2_000).toISOString(),
    run: async (dagId, request = {}) =>
      (await engine.trigger({ dagId, runId: given.runId(), conf: {}, ...request })).run,
    ended: (run) =>
      eventually(
        `${run.dagId} / ${run.runId} ends`,
        () => engine.getRun(run),
        ({ state }) => isTerminalRunState(state),
        patience,
      ),
    finished: async (dagId) => given.ended(await given.run(dagId)),
    shared: (dagId) => {
      const known = shared.get(dagId) ?? given.finished(dagId);
      shared.set(dagId, known);
      return known;
    },
    running: (task) =>
      eventually(
        `${task.taskId} of ${task.runId} runs`,
        () => engine.getTaskInstance(task),
        ({ state, startedAt }) => state === "running" && startedAt !== null,
        patience,
      ),
  };
  return given;
};
