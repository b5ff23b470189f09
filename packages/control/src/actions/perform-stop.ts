import type { Engine } from "@airfleet/engine";
import { AirfleetError, isAirfleetError, isTerminalRunState, type Run, type TaskInstance } from "@airfleet/model";
import type { StoredStop } from "@airfleet/store";
import { type CancelledTrigger, cancelTrigger } from "../stops/cancel-trigger.ts";
import { isUnderWay, toStoppedTasks } from "../stops/task-snapshot.ts";
import { lookAtProcesses } from "../stops/look-at-processes.ts";
import { endStop, giveUp } from "../stops/end-stop.ts";
import type { StopAttempt, StopPorts, StopState } from "../stops/stop-ports.ts";
import { tellEngine } from "../stops/tell-engine.ts";
import { toRunFacts } from "./facts.ts";
import { mayHaveArrived } from "./lost-answer.ts";
import type { Attempt, IntentOf, Outcome, Performer } from "./performer.ts";

type Stop = IntentOf<"run:stop">;

/** While a trigger of this very run is on its way to the engine. */
const TRIGGER_AGAIN_MS = 1_000;
/** When the instance could not be asked: it may be back soon, and the processes end without us. */
const TROUBLE_AGAIN_MS = 2_000;

interface Found {
  readonly run: Run;
  readonly tasks: readonly TaskInstance[];
}

const readBoth = async (engine: Engine, { dagId, runId }: Stop, attempt: Attempt): Promise<Found> => {
  const address = { dagId, runId };
  const [run, tasks] = await Promise.all([
    engine.getRun(address, attempt.call()),
    engine.listTaskInstances({ runs: [address] }, attempt.call()),
  ]);
  return { run, tasks };
};

const toCalledOff = (id: string): Outcome => ({
  before: { trigger_id: id, state: "queued" },
  after: { trigger_id: id, state: "cancelled", processes: [], still_running: [] },
  warnings: [
    { code: "TRIGGER_CANCELLED", message: "The run had not been started; its trigger was called off instead." },
  ],
});

/** There is no run, because its trigger was called off, or is still on its way: then it is waited for. */
const withoutRun = (trigger: CancelledTrigger, { intent, attempt, ports }: StopAttempt, error: unknown): Outcome => {
  if (!isAirfleetError(error, "RUN_UNKNOWN", "DAG_UNKNOWN") || trigger.state === "none") throw error;
  if (trigger.state !== "sending") return toCalledOff(trigger.id);
  if (ports.clock.now() > attempt.action.createdAt + ports.terms(intent).waitMs) throw error;
  return { before: null, after: null, again: { afterMs: TRIGGER_AGAIN_MS } };
};

const begin = async (stopAttempt: StopAttempt): Promise<StopState | Outcome> => {
  const { intent, engine, attempt, ports } = stopAttempt;
  const { instance, dagId, runId } = intent;
  const trigger = await cancelTrigger(ports, intent, attempt.action.actor);
  // It was certainly not sent, so there is no run of ours; the instance need not even be there.
  if (trigger.state === "called_off") return toCalledOff(trigger.id);
  let found: Found;
  try {
    found = await readBoth(engine, intent, attempt);
  } catch (error) {
    return withoutRun(trigger, stopAttempt, error);
  }
  const { run, tasks } = found;
  const ended = isTerminalRunState(run.state);
  if (ended && intent.delete !== true && !tasks.some(isUnderWay)) {
    const warning = { code: "RUN_FINISHED_ALREADY", message: `The run had ended before: ${run.state}.` };
    const facts = toRunFacts(run);
    return { before: facts, after: { ...facts, processes: [], still_running: [] }, run, warnings: [warning] };
  }
  if (attempt.expiredAt !== null) throw new AirfleetError("ACTION_OUT_OF_TIME");
  const now = ports.clock.now();
  const stop = await ports.stops.begin({
    actionId: attempt.action.id,
    instance,
    dagId,
    runId,
    stage: ended ? "settling" : "sending",
    runStartedAt: run.startedAt,
    begunAt: now,
    until: now + ports.terms(intent).waitMs,
    tasks: toStoppedTasks(tasks, now),
  });
  return { stop, run, tasks, before: toRunFacts(run) };
};

/** Goes on with a stop that an earlier attempt has begun: the engine is read only where something is still open there. */
const resume = async (stop: StoredStop, intent: Stop, engine: Engine, attempt: Attempt): Promise<StopState> => {
  const before = attempt.earlier ?? {};
  if (stop.stage === "waiting" || stop.stage === "ended") return { stop, run: null, tasks: null, before };
  try {
    return { stop, before, ...(await readBoth(engine, intent, attempt)) };
  } catch (error) {
    // Somebody has deleted it, we ourselves perhaps; its processes are to be accounted for all the same.
    if (isAirfleetError(error, "RUN_UNKNOWN", "DAG_UNKNOWN")) return { stop, run: null, tasks: [], before };
    throw error;
  }
};

/**
 * Trouble of the instance's that passes does not end a stop that was sent, or may have been: it is the same stop when it is
 * told again, and what is asked about its processes can be asked later.
 */
const endureTrouble = async (error: unknown, stopAttempt: StopAttempt): Promise<Outcome> => {
  const { attempt, ports } = stopAttempt;
  const stop = await ports.stops.find(attempt.action.id);
  const isPassing = isAirfleetError(error) && error.retryable;
  if (stop === undefined || !isPassing || (stop.stoppedAt === null && !mayHaveArrived(error))) throw error;
  const before = attempt.earlier;
  if (ports.clock.now() < stop.until) return { before, after: null, again: { afterMs: TROUBLE_AGAIN_MS } };
  return giveUp({ stop, run: null, tasks: null, before: before ?? {} }, stopAttempt);
};

const carryOn = async (stopAttempt: StopAttempt): Promise<Outcome> => {
  const { intent, engine, attempt, ports } = stopAttempt;
  const known = await ports.stops.find(attempt.action.id);
  const begun = known === undefined ? await begin(stopAttempt) : await resume(known, intent, engine, attempt);
  if (!("stop" in begun)) return begun;
  return endStop(await lookAtProcesses(await tellEngine(begun, stopAttempt), stopAttempt), stopAttempt);
};

/**
 * Stops a run, and finds out whether the processes of its tasks are gone.
 *
 * `sending`: how things stand is written down, then the run is failed through the engine. Repeating that is harmless, so
 * whoever comes after a crash does it again. A teardown task goes on, and the run with it, unless it was asked for too.
 * `settling`: until the engine itself calls run and tasks ended. Should somebody run it again meanwhile, it is stopped
 * again. `waiting`: until each process is gone by evidence or silence, or the bound is over. `deleting`: the engine's run,
 * where that was asked for. Between two looks the action is nobody's, so a stop that takes minutes holds nobody up.
 */
export const createPerformStop =
  (ports: StopPorts): Performer<"run:stop"> =>
  async (intent, engine, attempt) => {
    const stopAttempt: StopAttempt = { intent, engine, attempt, ports };
    try {
      return await carryOn(stopAttempt);
    } catch (error) {
      return endureTrouble(error, stopAttempt);
    }
  };
