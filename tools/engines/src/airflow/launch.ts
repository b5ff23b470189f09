import { readFile } from "node:fs/promises";
import path from "node:path";
import type { CacheLayout } from "../cache/layout.ts";
import { EngineToolError } from "../errors.ts";
import { lastLines } from "../process/run-command.ts";
import type { Progress } from "../progress.ts";
import type { InstanceState } from "../state/instance-state.ts";
import { startComponent } from "./components.ts";
import { instancePaths } from "./describe-instance.ts";
import { waitUntilReady } from "./readiness.ts";
import { failedDirectory } from "./stop-airflow.ts";

/** Long enough for a loaded machine: on two idle cores a pair is ready in a tenth of it. */
const READY_WITHIN_MS = 240_000;

interface Failure {
  readonly component: string;
  /** How it ended; undefined when it runs but nothing is ready. */
  readonly exit?: string;
  readonly reason: string;
}

const PORT_TAKEN = /address already in use|already in use: \('/i;

/** The error for an engine that did not come up, with what its log says. The logs are moved when the engine is removed. */
const explain = async (
  layout: CacheLayout,
  state: InstanceState,
  { component, exit, reason }: Failure,
): Promise<EngineToolError> => {
  const { id } = state;
  const tail = lastLines(await readFile(instancePaths(layout, id).log(component), "utf8").catch(() => "(nothing)"));
  const logs = path.join(failedDirectory(layout, id), "logs");
  const log = path.join(logs, `${component}.log`);
  if (exit === undefined) {
    return new EngineToolError("ENGINE_NOT_READY", {
      id,
      seconds: READY_WITHIN_MS / 1000,
      reason,
      logs,
      component,
      tail,
    });
  }
  return PORT_TAKEN.test(tail)
    ? new EngineToolError("PORT_TAKEN", { id, component, port: new URL(state.url).port, log })
    : new EngineToolError("ENGINE_DIED", { id, component, exit, log, tail });
};

/**
 * Starts all components at once and waits until the engine is ready.
 * @throws ENGINE_DIED, PORT_TAKEN when a component ends meanwhile; ENGINE_NOT_READY when time is up
 */
export const launch = async (
  layout: CacheLayout,
  described: InstanceState,
  progress: Progress,
): Promise<InstanceState> => {
  let state = described;
  const deaths: Failure[] = [];
  const stopWaiting = new AbortController();
  for (const { name } of described.components) {
    const started = await startComponent(layout, state, name);
    state = started.state;
    const watch = async (): Promise<void> => {
      const exit = await started.ended;
      if (exit === undefined) return;
      deaths.push({ component: name, exit, reason: "it ended" });
      stopWaiting.abort();
    };
    void watch();
  }
  const outcome = await waitUntilReady({
    address: state,
    dagsFolder: state.dagsFolder,
    withinMs: READY_WITHIN_MS,
    progress,
    signal: stopWaiting.signal,
  });
  if (outcome.ready) return state;
  throw await explain(
    layout,
    state,
    deaths[0] ?? { component: described.components[0]?.name ?? "", reason: outcome.reason },
  );
};
