import { type CacheLayout, cacheLayout } from "../cache/layout.ts";
import { EngineToolError } from "../errors.ts";
import { stopProcesses } from "../process/stop-processes.ts";
import { startDagsterComponent } from "./dagster-components.ts";
import { type DagsterState, judgeDagster, listDagsters, readDagsterState, stopDagster } from "./dagster-state.ts";

/** A real Dagster that answers. */
export interface RunningDagster extends AsyncDisposable {
  readonly id: string;
  /** As `1.13.27`. */
  readonly version: string;
  /** Root of its web address, without a slash at the end. It knows no login. */
  readonly url: string;
  /** Its own copy of the code, `definitions.py` in it. */
  readonly codeFolder: string;
  /** Pid of each component's main process, by name: `code-server`, `webserver`, `daemon`. */
  readonly pids: Readonly<Record<string, number>>;
  /** Ends it: processes with everything they started, its directory. Safe to repeat. */
  stop(): Promise<void>;
  /** Ends one component and its children. @param options.graceMs default 0: SIGKILL at once, as a crash */
  killComponent(name: string, options?: { readonly graceMs?: number }): Promise<void>;
  /** Starts a component again; nothing happens when it runs. It is not waited for. */
  startComponent(name: string): Promise<void>;
}

/** @param isOwned whether disposing of the object stops it */
export const toRunningDagster = (layout: CacheLayout, initial: DagsterState, isOwned: boolean): RunningDagster => {
  let state = initial;
  const refresh = async (): Promise<DagsterState> => {
    state = (await readDagsterState(layout, initial.id)) ?? state;
    return state;
  };
  const stop = async (): Promise<void> => stopDagster(layout, await refresh());
  return {
    id: state.id,
    version: state.version,
    url: state.url,
    codeFolder: state.codeFolder,
    get pids() {
      return Object.fromEntries(
        state.components.flatMap(({ name, process }) => (process === null ? [] : [[name, process.pid]])),
      );
    },
    stop,
    killComponent: async (name, { graceMs = 0 } = {}) => {
      const { components, token } = await refresh();
      const process = components.find((each) => each.name === name)?.process;
      await stopProcesses({
        leaders: process === null || process === undefined ? [] : [process],
        token,
        component: name,
        graceMs,
      });
    },
    startComponent: async (name) => {
      state = await startDagsterComponent(layout, await refresh(), name);
    },
    [Symbol.asyncDispose]: async () => {
      if (isOwned) await stop();
    },
  };
};

/** Takes hold of a Dagster that another process started; disposing of the object leaves it running. @throws ENGINE_NOT_RUNNING */
export const attachDagster = async (id: string, layout: CacheLayout = cacheLayout()): Promise<RunningDagster> => {
  const state = await readDagsterState(layout, id);
  if (state === undefined || state.status !== "ready" || (await judgeDagster(state)) === "lost") {
    const running = (await listDagsters(layout)).map((each) => each.id).join(", ");
    throw new EngineToolError("ENGINE_NOT_RUNNING", { id, running: running === "" ? "none" : running });
  }
  return toRunningDagster(layout, state, false);
};
