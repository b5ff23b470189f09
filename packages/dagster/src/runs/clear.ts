import { randomUUID } from "node:crypto";
import type { ClearRequest, ClearResult } from "@airfleet/engine";
import { isTerminalRunState, toTaskId } from "@airfleet/model";
import type { Deadline } from "@airfleet/http";
import { type Api, capabilityMissing, taskUnknown } from "../api.ts";
import { reexecuteDocument, reexecuteStepsDocument, type RunWithSteps } from "../documents/runs.ts";
import { needJob } from "../jobs/job-reads.ts";
import { LAUNCH_ID_TAG } from "../tags.ts";
import type { StepHistory } from "../tasks/step-history.ts";
import { readHistories } from "../tasks/task-reads.ts";
import { toRunState } from "./to-run.ts";

const FAILED: ReadonlySet<string> = new Set(["failed", "upstream_failed"]);

/** Failed, or kept from running by a failure or a stop; what was skipped by its own rule has a word of Dagster's for it. */
const wasKept = ({ state, engineState }: StepHistory): boolean =>
  FAILED.has(state) || (state === "skipped" && engineState === null);

/** Steps that are made while a run runs are repeated with the one that makes them; alone they have no plan. */
const isMade = (key: string): boolean => key.endsWith("]");

const choose = (api: Api, request: ClearRequest, histories: readonly StepHistory[]): readonly StepHistory[] => {
  const { taskIds, onlyFailed } = request;
  for (const taskId of taskIds ?? []) {
    if (!histories.some(({ key }) => key === taskId)) throw taskUnknown(api, { ...request, taskId, mapIndex: -1 });
  }
  return histories.filter(
    (step) => (taskIds === undefined || taskIds.includes(toTaskId(step.key))) && (!onlyFailed || wasKept(step)),
  );
};

const reexecute = async (
  api: Api,
  request: ClearRequest,
  current: RunWithSteps,
  steps: readonly string[] | null,
  deadline: Deadline,
): Promise<void> => {
  // A copied launch id would make the guard take the new run for a twin of the first.
  const launchTag = { key: LAUNCH_ID_TAG, value: randomUUID() };
  if (steps === null) {
    const again = {
      parentRunId: current.runId,
      strategy: "ALL_STEPS",
      extraTags: [launchTag],
      useParentRunTags: true,
    } as const;
    const { launchRunReexecution: answer } = await api.graphql.ask(reexecuteDocument, { again }, deadline);
    if (answer.run === undefined) throw api.graphql.refusal(reexecuteDocument, answer);
    return;
  }
  const { job } = await needJob(api, request.dagId, deadline);
  const { pipelineName: jobName, repositoryName, repositoryLocationName } = job;
  const params = {
    selector: { jobName, repositoryName, repositoryLocationName },
    runConfigData: current.runConfig,
    stepKeys: steps,
    executionMetadata: {
      rootRunId: current.rootRunId ?? current.runId,
      parentRunId: current.runId,
      tags: [...current.tags.filter(({ key }) => !isDagstersOwn(key) && key !== LAUNCH_ID_TAG), launchTag],
    },
  };
  const { launchRunReexecution: answer } = await api.graphql.ask(reexecuteStepsDocument, { params }, deadline);
  if (answer.run === undefined) throw api.graphql.refusal(reexecuteStepsDocument, answer);
};

/** Tags that Dagster gives to each run anew. */
const isDagstersOwn = (key: string): boolean => /^\.?dagster\//.test(key);

/**
 * Runs steps again. Dagster has no word for it but a re-execution: a new run of its own, that belongs to the same run of
 * ours. What is left out keeps the outcome that it had.
 */
export const clear = async (api: Api, request: ClearRequest, deadline: Deadline): Promise<ClearResult> => {
  const { dagId, runId, dryRun } = request;
  const { group, histories } = await readHistories(api, { dagId, runId }, deadline);
  const chosen = choose(api, request, histories);
  const tasks = chosen.map(({ key, state }) => ({ taskId: toTaskId(key), mapIndex: -1, stateBefore: state }));
  if (dryRun || chosen.length === 0) return { dryRun, tasks };
  const { current } = group;
  if (!isTerminalRunState(toRunState(current.status))) {
    throw capabilityMissing(api, "clear a run that has not ended", "Stop it first, or wait for its end.");
  }
  const isAll = chosen.length === histories.length;
  const keys = chosen.map(({ key }) => key);
  if (!isAll && keys.some(isMade)) {
    const hint = "Clear all tasks of the run, or the one that makes them.";
    throw capabilityMissing(api, `clear ${keys.filter(isMade).join(", ")} alone`, hint);
  }
  await reexecute(api, request, current, isAll ? null : keys, deadline);
  return { dryRun, tasks };
};
