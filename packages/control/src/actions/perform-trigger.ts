import type { Engine, TriggerRequest } from "@airfleet/engine";
import { AirfleetError, type Dag, isAirfleetError, type Run, toRunId } from "@airfleet/model";
import { startTroubleOf } from "../triggers/start-trouble.ts";
import type { ActionWarning } from "./action.ts";
import { toRunFacts } from "./facts.ts";
import type { Attempt, IntentOf, Outcome, Performer } from "./performer.ts";
import type { ReadRecentDag } from "./recent-dag.ts";
import { confHashOf } from "./stored-intent.ts";

type Trigger = IntentOf<"run:trigger">;

const toRequest = ({ dagId, runId, conf, logicalDate, interval, runAfter, note }: Trigger): TriggerRequest => ({
  dagId,
  runId: toRunId(runId ?? ""),
  conf,
  ...(logicalDate === undefined ? {} : { logicalDate }),
  ...(interval === undefined ? {} : { interval }),
  ...(runAfter === undefined ? {} : { runAfter }),
  ...(note === undefined ? {} : { note }),
});

const toOutcome = (run: Run, dag: Dag | undefined, created: boolean, more: readonly ActionWarning[] = []): Outcome => ({
  before: null,
  after: { ...toRunFacts(run), created },
  warnings: [...(dag === undefined ? [] : startTroubleOf(dag)), ...more],
  run,
  ...(dag === undefined ? {} : { dag }),
});

/** Its time is over: nothing is sent any more, but what was sent may have made the run. */
const findOut = async (intent: Trigger, engine: Engine, attempt: Attempt): Promise<Outcome> => {
  const { dagId, conf, instance } = intent;
  const runId = toRunId(intent.runId ?? "");
  if (attempt.earlier === null) {
    throw new AirfleetError("TRIGGER_EXPIRED", { expires_at: new Date(attempt.expiredAt ?? 0).toISOString() });
  }
  let run: Run;
  try {
    run = await engine.getRun({ dagId, runId }, attempt.call());
  } catch (error) {
    if (isAirfleetError(error, "RUN_UNKNOWN", "DAG_UNKNOWN")) {
      throw new AirfleetError("RUN_NOT_CREATED", { dag_id: dagId, instance, run_id: runId });
    }
    throw error;
  }
  if (confHashOf(run.conf) !== confHashOf(conf)) {
    throw new AirfleetError("RUN_ID_TAKEN", { run_id: runId, dag_id: dagId, instance });
  }
  return toOutcome(run, undefined, false);
};

/** Unpausing starts the last closed interval of a schedule, also with catchup=False: only who knows may ask for it. */
const checkSchedule = async (
  { instance, dagId, acceptScheduledRun }: Trigger,
  engine: Engine,
  attempt: Attempt,
): Promise<Dag> => {
  const dag = await engine.getDag(dagId, attempt.call());
  if (dag.isPaused && dag.schedule !== null && acceptScheduledRun !== true) {
    throw new AirfleetError("UNPAUSE_STARTS_SCHEDULE", { dag_id: dagId, instance, schedule: dag.schedule });
  }
  return dag;
};

/** After the run was accepted: a DAG is never unpaused for a trigger that is then refused. */
const unpause = async (dag: Dag, engine: Engine, attempt: Attempt): Promise<Outcome["dag"] | ActionWarning> => {
  if (!dag.isPaused) return dag;
  try {
    await engine.setPaused(dag.dagId, false, attempt.call());
    return await engine.getDag(dag.dagId, attempt.call());
  } catch (error) {
    const reason = isAirfleetError(error) ? error.message : "the call failed";
    return { code: "UNPAUSE_FAILED", message: `The run was accepted, but unpausing the DAG failed: ${reason}` };
  }
};

const triggerAndUnpause = async (intent: Trigger, engine: Engine, attempt: Attempt): Promise<Outcome> => {
  const dag = await checkSchedule(intent, engine, attempt);
  const { run, created } = await attempt.send(null, (options) => engine.trigger(toRequest(intent), options));
  const after = await unpause(dag, engine, attempt);
  if (after !== undefined && "code" in after) return toOutcome(run, dag, created, [after]);
  return toOutcome(run, after, created);
};

/**
 * Starts a run. Repeating it after a crash is safe: the engine finds the run by its id, which was chosen before the
 * action was recorded.
 */
export const createPerformTrigger =
  (readRecentDag: ReadRecentDag): Performer<"run:trigger"> =>
  async (intent, engine, attempt) => {
    if (attempt.expiredAt !== null) return findOut(intent, engine, attempt);
    if (intent.unpause === true) return triggerAndUnpause(intent, engine, attempt);
    // Beside the trigger, not before it: a run that could start must not wait for a reading that only warns.
    const [triggered, dag] = await Promise.allSettled([
      attempt.send(null, (options) => engine.trigger(toRequest(intent), options)),
      readRecentDag(engine, intent.dagId, attempt.call()),
    ]);
    if (triggered.status === "rejected") throw triggered.reason;
    const { run, created, existed = false } = triggered.value;
    const outcome = toOutcome(run, dag.status === "fulfilled" ? dag.value : undefined, created);
    return existed && attempt.earlier === null ? { ...outcome, after: { ...outcome.after, existed } } : outcome;
  };
