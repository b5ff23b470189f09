import type { TaskQuery } from "@airfleet/engine";
import { type RunAddress, type TaskAddress, type TaskInstance, toTaskId } from "@airfleet/model";
import type { Deadline } from "@airfleet/http";
import { type Api, runUnknown, taskUnknown } from "../api.ts";
import type { RunWithSteps } from "../documents/runs.ts";
import { toInstantOrNull } from "../instant.ts";
import { findSteps } from "../runs/find-group.ts";
import type { RunGroup } from "../runs/run-group.ts";
import { type StepHistory, type StepTry, toStepHistories } from "./step-history.ts";

/** Runs asked for with their steps in one call: each costs Dagster a look into its event log. */
const RUNS_PER_CALL = 50;

interface Standing {
  readonly state: StepTry["state"];
  readonly engineState: string | null;
}

const toTaskInstance = (
  { dagId, runId }: RunAddress,
  { key, tries }: StepHistory,
  number: number,
  standing: Standing,
): TaskInstance => {
  const one = tries[number - 1];
  const duration = one?.startedAt == null || one.endedAt == null ? null : one.endedAt - one.startedAt;
  return {
    dagId,
    runId,
    taskId: toTaskId(key),
    mapIndex: -1,
    displayName: key,
    state: standing.state,
    engineState: standing.engineState,
    tryNumber: number,
    maxTries: tries.length,
    operator: null,
    pool: null,
    queue: null,
    hostname: null,
    pid: one?.pid ?? null,
    queuedAt: null,
    startedAt: toInstantOrNull(one?.startedAt),
    endedAt: toInstantOrNull(one?.endedAt),
    durationSeconds: duration,
    note: null,
  };
};

const byAddress = (left: RunAddress, right: RunAddress): number => {
  const [one, other] = [JSON.stringify([left.dagId, left.runId]), JSON.stringify([right.dagId, right.runId])];
  return one < other ? -1 : one > other ? 1 : 0;
};

export const listTaskInstances = async (
  api: Api,
  { runs }: TaskQuery,
  deadline: Deadline,
): Promise<readonly TaskInstance[]> => {
  const ordered = runs.toSorted(byAddress);
  const tasks: TaskInstance[] = [];
  for (let start = 0; start < ordered.length; start += RUNS_PER_CALL) {
    const part = ordered.slice(start, start + RUNS_PER_CALL);
    const groups = await findSteps(api, part, deadline);
    part.forEach((address, index) => {
      for (const history of toStepHistories(groups[index]?.chain ?? []))
        tasks.push(toTaskInstance(address, history, history.tries.length, history));
    });
  }
  return tasks;
};

/** A run with the history of each step. @throws RUN_UNKNOWN */
export const readHistories = async (
  api: Api,
  address: RunAddress,
  deadline: Deadline,
): Promise<{ readonly group: RunGroup<RunWithSteps>; readonly histories: readonly StepHistory[] }> => {
  const [group] = await findSteps(api, [address], deadline);
  if (group === undefined || group === null) throw runUnknown(api, address);
  return { group, histories: toStepHistories(group.chain) };
};

/** A step with the run that it belongs to. @throws TASK_UNKNOWN, also when there is no such run */
export const readHistory = async (
  api: Api,
  task: TaskAddress,
  deadline: Deadline,
): Promise<{ readonly group: RunGroup<RunWithSteps>; readonly history: StepHistory }> => {
  const [group] = await findSteps(api, [task], deadline);
  const history = toStepHistories(group?.chain ?? []).find(({ key }) => key === task.taskId);
  if (group === undefined || group === null || history === undefined || task.mapIndex !== -1)
    throw taskUnknown(api, task);
  return { group, history };
};

export const getTaskInstance = async (api: Api, task: TaskAddress, deadline: Deadline): Promise<TaskInstance> => {
  const { history } = await readHistory(api, task, deadline);
  return toTaskInstance(task, history, history.tries.length, history);
};

export const listTries = async (api: Api, task: TaskAddress, deadline: Deadline): Promise<readonly TaskInstance[]> => {
  const { history } = await readHistory(api, task, deadline);
  return history.tries.map((one, index) => toTaskInstance(task, history, index + 1, one));
};
