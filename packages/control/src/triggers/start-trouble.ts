import type { Dag, Run, TaskInstance } from "@airfleet/model";
import type { ActionWarning } from "../actions/action.ts";

/** What keeps the runs of a DAG from starting, or lets them fail or hang. */
export const startTroubleOf = ({ dagId, isPaused, isStale, hasImportErrors }: Dag): readonly ActionWarning[] => {
  const warnings: ActionWarning[] = [];
  if (isPaused) {
    warnings.push({
      code: "DAG_PAUSED",
      message: `DAG "${dagId}" is paused: the run was accepted and stays queued until the DAG is unpaused.`,
    });
  }
  if (hasImportErrors) {
    warnings.push({
      code: "DAG_BROKEN",
      message: `The file of DAG "${dagId}" does not parse: the run was accepted, but it may fail, or on Airflow 3 stay running for ever.`,
    });
  } else if (isStale) {
    warnings.push({
      code: "DAG_STALE",
      message: `The file of DAG "${dagId}" is gone or broken: the run was accepted, but it may fail, or on Airflow 3 stay running for ever.`,
    });
  }
  return warnings;
};

/**
 * What a run's tasks say of a DAG whose file is gone: on Airflow 3 a task that could not be loaded waits to be
 * rescheduled for ever, and the run with it (seen on 3.3.2, still so after 19 minutes).
 */
export const hangOf = (
  run: Pick<Run, "runId">,
  dag: Pick<Dag, "isStale" | "hasImportErrors">,
  tasks: readonly Pick<TaskInstance, "taskId" | "state">[],
): readonly ActionWarning[] => {
  const waiting = tasks.find(({ state }) => state === "up_for_reschedule");
  if (waiting === undefined || !(dag.isStale || dag.hasImportErrors)) return [];
  return [
    {
      code: "RUN_HANGS",
      message: `Run "${run.runId}" will not end by itself: task "${waiting.taskId}" waits to be rescheduled, and the DAG's file is gone or broken. Restore the file, or stop the run.`,
    },
  ];
};
