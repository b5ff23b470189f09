import { EngineToolError } from "../errors.ts";
import type { CacheLayout } from "../cache/layout.ts";
import { isAlive } from "../process/identity.ts";
import { COMPONENT_VARIABLE } from "../process/marked-processes.ts";
import { startProcess } from "../process/start-process.ts";
import { stopProcesses } from "../process/stop-processes.ts";
import { registerServerUser } from "../postgres/server-users.ts";
import { type InstanceState, instanceDirectory, processesOf, writeInstanceState } from "../state/instance-state.ts";
import { componentVariables, withInherited } from "./environment.ts";

type Component = InstanceState["components"][number];

const findComponent = (state: InstanceState, name: string): Component => {
  const found = state.components.find((component) => component.name === name);
  if (found !== undefined) return found;
  const allowed = state.components.map((component) => component.name).join(", ");
  throw new EngineToolError("COMPONENT_UNKNOWN", { id: state.id, component: name, allowed });
};

/** Variables to set, and with null to remove. */
export type EnvironmentChanges = Readonly<Record<string, string | null>>;

/** An environment with changes made. */
export const withChanges = (
  environment: Readonly<Record<string, string>>,
  changes: EnvironmentChanges,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries({ ...environment, ...changes }).filter((entry): entry is [string, string] => entry[1] !== null),
  );

/**
 * Starts one component, unless it runs, and records its process.
 * @param changes to the engine's environment, kept for what is started later
 * @returns the state with it, and how the process ended once it has.
 */
export const startComponent = async (
  layout: CacheLayout,
  state: InstanceState,
  name: string,
  changes: EnvironmentChanges = {},
): Promise<{ readonly state: InstanceState; readonly ended: Promise<string> | undefined }> => {
  const component = findComponent(state, name);
  if (component.process !== null && (await isAlive(component.process))) return { state, ended: undefined };
  const environment = withChanges(state.environment, changes);
  const { identity, ended } = await startProcess({
    command: state.program,
    args: component.args,
    environment: withInherited({
      ...componentVariables(state.generation, name),
      ...environment,
      [COMPONENT_VARIABLE]: name,
    }),
    directory: instanceDirectory(layout, state.id),
    logFile: component.logFile,
  });
  const components = state.components.map((each) => (each.name === name ? { ...each, process: identity } : each));
  const changed = { ...state, environment, components };
  await writeInstanceState(layout, changed);
  // Harmless when the engine's database is elsewhere: then nobody asks who uses a server of our own.
  await registerServerUser(layout, state.id, processesOf(changed));
  return { state: changed, ended };
};

/** Ends one component with everything it started, tasks included. @param graceMs 0, the default, is a crash. */
export const stopComponent = async (state: InstanceState, name: string, graceMs = 0): Promise<void> => {
  const { process } = findComponent(state, name);
  await stopProcesses({ leaders: process === null ? [] : [process], token: state.token, component: name, graceMs });
};
