import type { CacheLayout } from "../cache/layout.ts";
import { EngineToolError } from "../errors.ts";
import {
  type Generation,
  type InstanceState,
  instanceDirectory,
  listInstanceIds,
  readInstanceState,
} from "../state/instance-state.ts";
import { runCommand } from "../process/run-command.ts";
import { type EnvironmentChanges, startComponent, stopComponent, withChanges } from "./components.ts";
import { withInherited } from "./environment.ts";
import { stopAirflow } from "./stop-airflow.ts";

/** A real Airflow that answers. */
export interface RunningAirflow extends AsyncDisposable {
  readonly id: string;
  readonly generation: Generation;
  /** As `3.3.2`. */
  readonly version: string;
  /** Root of its web address, without a slash at the end. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** Its own DAG folder; change files in it at will. */
  readonly dagsFolder: string;
  /** Its own database. */
  readonly databaseUrl: string;
  /** Pid of each component's main process, by name (`scheduler`, …), as of the last start or restart through this object. */
  readonly pids: Readonly<Record<string, number>>;
  /** Ends it: processes with everything they started, database, directory. Safe to repeat. */
  stop(): Promise<void>;
  /** Ends one component and its children. @param options.graceMs default 0: SIGKILL at once, as a crash. @throws COMPONENT_UNKNOWN */
  killComponent(name: string, options?: { readonly graceMs?: number }): Promise<void>;
  /**
   * Starts a component again; nothing happens when it runs. It is not waited for.
   * @param changes variables of the engine to set, or with null to remove, for this start and later ones
   * @throws COMPONENT_UNKNOWN
   */
  startComponent(name: string, changes?: EnvironmentChanges): Promise<void>;
  /**
   * Runs the `airflow` command with these arguments beside it, as on its host.
   * @param changes variables to set, and with null to remove, for this command
   * @returns what it printed, both streams
   * @throws COMMAND_FAILED
   */
  command(args: readonly string[], changes?: EnvironmentChanges): Promise<string>;
}

/** @param isOwned whether disposing of the object stops the engine */
export const toRunningAirflow = (layout: CacheLayout, initial: InstanceState, isOwned: boolean): RunningAirflow => {
  let state = initial;
  // Another holder of the same engine may have restarted a component: the file is the truth.
  const refresh = async (): Promise<InstanceState> => {
    state = (await readInstanceState(layout, initial.id)) ?? state;
    return state;
  };
  const stop = async (): Promise<void> => stopAirflow(layout, await refresh());
  return {
    id: state.id,
    generation: state.generation,
    version: state.version,
    url: state.url,
    username: state.username,
    password: state.password,
    dagsFolder: state.dagsFolder,
    databaseUrl: state.databaseUrl,
    get pids() {
      return Object.fromEntries(
        state.components.flatMap(({ name, process }) => (process === null ? [] : [[name, process.pid]])),
      );
    },
    stop,
    killComponent: async (name, { graceMs = 0 } = {}) => stopComponent(await refresh(), name, graceMs),
    startComponent: async (name, changes) => {
      ({ state } = await startComponent(layout, await refresh(), name, changes));
    },
    command: async (args, changes = {}) => {
      const { program, environment } = await refresh();
      return runCommand({
        command: program,
        args,
        environment: withInherited(withChanges(environment, changes)),
        directory: instanceDirectory(layout, state.id),
      });
    },
    [Symbol.asyncDispose]: async () => {
      if (isOwned) await stop();
    },
  };
};

/** The state of a running engine. @throws ENGINE_NOT_RUNNING naming those that run */
export const readRunningState = async (layout: CacheLayout, id: string): Promise<InstanceState> => {
  const state = await readInstanceState(layout, id);
  if (state !== undefined) return state;
  const running = await listInstanceIds(layout);
  throw new EngineToolError("ENGINE_NOT_RUNNING", { id, running: running.length === 0 ? "none" : running.join(", ") });
};
