import { isTerminalTaskState, type StoppedTask } from "@airfleet/model";
import { gatherSigns } from "./gather-signs.ts";
import { judgeTask } from "./judge-task.ts";
import type { StopAttempt, StopState } from "./stop-ports.ts";
import { joinSnapshot, keyOfTask } from "./task-snapshot.ts";

/** Between two looks, by how long the stop has taken: most processes are gone within seconds. */
const LOOKS = [
  { untilMs: 12_000, everyMs: 1_000 },
  { untilMs: 40_000, everyMs: 2_000 },
] as const;
const LATER_EVERY_MS = 5_000;

/** Milliseconds until it is worth looking again. */
export const nextLookMs = (sinceMs: number): number =>
  LOOKS.find(({ untilMs }) => sinceMs < untilMs)?.everyMs ?? LATER_EVERY_MS;

const isOpen = ({ gone }: StoppedTask): boolean => gone?.kind !== "confirmed";

/** Looks at each process that is not known to be gone, and writes down what is new. */
export const lookAtProcesses = async (
  state: StopState,
  { intent, engine, attempt, ports }: StopAttempt,
): Promise<StopState> => {
  const { stop } = state;
  if (stop.stage === "sending" || stop.stage === "deleting" || stop.stage === "ended") return state;
  const { dagId, runId } = intent;
  const { clock } = ports;
  const seconds = (await engine.capabilities(attempt.call())).presumeGoneSeconds;
  const presumeAfterMs = ports.terms(intent).presumeAfterMs ?? seconds * 1_000;
  const since = stop.stoppedAt ?? stop.begunAt;
  // A teardown task begins after the run was stopped.
  const known = state.tasks === null ? stop.tasks : joinSnapshot(stop.tasks, state.tasks, clock.now());
  const signs = await gatherSigns(ports, {
    run: { dagId, runId },
    key: stop.runKey,
    open: known.filter(isOpen),
    tasks: state.tasks ?? [],
    engine,
    attempt,
    // A process that ended by itself long ago is believed without its log.
    needsLog: ({ stateBefore, lastSignAt }) =>
      !isTerminalTaskState(stateBefore) || clock.now() - lastSignAt < presumeAfterMs,
    turn: Math.floor((clock.now() - since) / 1_000),
  });
  const now = clock.now();
  const tasks = known.map((task) => {
    const found = signs.get(keyOfTask(task));
    return found === undefined ? task : judgeTask(task, found, { now, presumeAfterMs });
  });
  if (JSON.stringify(tasks) === JSON.stringify(stop.tasks)) return state;
  await ports.stops.change(stop.actionId, { tasks });
  return { ...state, stop: { ...stop, tasks } };
};
