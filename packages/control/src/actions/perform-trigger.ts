import type { Dag } from "@airfleet/model";
import { toRunId } from "@airfleet/model";
import type { ActionWarning } from "./action.ts";
import { toRunFacts } from "./facts.ts";
import type { Performer } from "./performer.ts";

const warningsOf = (dag: Dag | undefined): readonly ActionWarning[] => {
  const warnings: ActionWarning[] = [];
  if (dag?.isPaused === true) {
    warnings.push({
      code: "DAG_PAUSED",
      message: `DAG "${dag.dagId}" is paused: the run was accepted and stays queued until the DAG is unpaused.`,
    });
  }
  if (dag?.isStale === true) {
    warnings.push({
      code: "DAG_STALE",
      message: `The file of DAG "${dag.dagId}" is gone or broken: the run was accepted, but it may fail, or on Airflow 3 stay running for ever.`,
    });
  }
  return warnings;
};

/**
 * Starts a run. Repeating it after a crash is safe: the engine finds the run by its id, which was chosen before the
 * action was recorded.
 */
export const performTrigger: Performer<"run:trigger"> = async (intent, engine, attempt) => {
  const { dagId, runId, conf, logicalDate, interval, runAfter, note } = intent;
  // Beside the trigger, not before it: a run that could start must not wait for a reading that only warns.
  const [triggered, dag] = await Promise.allSettled([
    attempt.send(null, (options) =>
      engine.trigger(
        {
          dagId,
          runId: toRunId(runId ?? ""),
          conf,
          ...(logicalDate === undefined ? {} : { logicalDate }),
          ...(interval === undefined ? {} : { interval }),
          ...(runAfter === undefined ? {} : { runAfter }),
          ...(note === undefined ? {} : { note }),
        },
        options,
      ),
    ),
    engine.getDag(dagId, attempt.call()),
  ]);
  if (triggered.status === "rejected") throw triggered.reason;
  const { run, created } = triggered.value;
  const read = dag.status === "fulfilled" ? dag.value : undefined;
  return {
    before: null,
    after: { ...toRunFacts(run), created },
    warnings: warningsOf(read),
    run,
    ...(read === undefined ? {} : { dag: read }),
  };
};
