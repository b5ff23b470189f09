import { isFinalTriggerState, isTerminalRunState } from "@airfleet/model";
import { runKeyOf, type Store, type StoredTrigger } from "@airfleet/store";
import { type Clock, pause } from "../clock.ts";
import type { RunWatch } from "../runs/run-watch.ts";
import type { Pulse } from "./pulse.ts";
import type { TriggerGoal, TriggerTicket } from "./trigger.ts";

interface AwaitPorts {
  readonly store: Pick<Store, "triggers" | "runs">;
  readonly watch: Pick<RunWatch, "watch">;
  readonly pulse: Pulse;
  readonly clock: Clock;
}

/** How soon an end that another process wrote is seen. */
const LOOK_EVERY_MS = 250;
/** Runs that are watched for one caller; of more than these the polling tells soon enough. */
const WATCHED = 50;

const byInstance = (triggers: readonly StoredTrigger[]): Map<StoredTrigger["instance"], StoredTrigger[]> =>
  Map.groupBy(triggers, ({ instance }) => instance);

/** Whether every accepted trigger's run is over as far as the store knows. */
const areFinished = async (store: AwaitPorts["store"], triggers: readonly StoredTrigger[]): Promise<boolean> => {
  const accepted = triggers.filter(({ state }) => state === "accepted");
  for (const [instance, own] of byInstance(accepted)) {
    const runs = await store.runs.findMany(instance, own);
    const ended = new Set(runs.filter(({ record }) => isTerminalRunState(record.state)).map(({ key }) => key));
    // Two triggers of a batch may mean the same run.
    if (own.some((trigger) => !ended.has(runKeyOf(trigger)))) return false;
  }
  return true;
};

/** Why a wait ends that is followed by another look: a reason made anew would carry a stack each time. */
const LOOKED = new Error("it is time to look again");

/** Waits until all triggers of a request have reached the goal, and answers them as they stand then or at the end of time. */
export const awaitTriggers = async (
  { requestId, triggers: asRecorded }: Pick<TriggerTicket, "requestId" | "triggers">,
  { goal, withinMs, signal }: { readonly goal: TriggerGoal; readonly withinMs: number; readonly signal?: AbortSignal },
  { store, watch, pulse, clock }: AwaitPorts,
): Promise<readonly StoredTrigger[]> => {
  const over = new AbortController();
  const cancelTimer = clock.after(withinMs, () => over.abort());
  const until = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
  using watching = new DisposableStack();
  let isWatched = false;
  try {
    for (let triggers = asRecorded; ; triggers = await store.triggers.ofRequest(requestId)) {
      if (until.aborted) return triggers;
      if (triggers.every(({ state }) => isFinalTriggerState(state))) {
        if (goal === "accepted" || (await areFinished(store, triggers))) return triggers;
        if (!isWatched) {
          for (const { instance, dagId, runId } of triggers.slice(0, WATCHED)) {
            watching.use(watch.watch({ instance, dagId, runId }));
          }
          isWatched = true;
        }
      }
      const look = new AbortController();
      const either = AbortSignal.any([until, look.signal]);
      await Promise.race([pulse.next(either), pause(clock, LOOK_EVERY_MS, either)]);
      look.abort(LOOKED);
    }
  } finally {
    cancelTimer();
    over.abort(LOOKED);
  }
};
