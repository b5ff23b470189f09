import { withInherited } from "../airflow/environment.ts";
import type { CacheLayout } from "../cache/layout.ts";
import { EngineToolError } from "../errors.ts";
import { isAlive } from "../process/identity.ts";
import { COMPONENT_VARIABLE } from "../process/marked-processes.ts";
import { startProcess } from "../process/start-process.ts";
import { type DagsterState, writeDagsterState } from "./dagster-state.ts";

/** Starts one component and records its process. Node gives its children default signals, so that SIGTERM ends them. */
export const startDagsterComponent = async (
  layout: CacheLayout,
  state: DagsterState,
  name: string,
): Promise<DagsterState> => {
  const component = state.components.find((each) => each.name === name);
  if (component === undefined) {
    const allowed = state.components.map((each) => each.name).join(", ");
    throw new EngineToolError("COMPONENT_UNKNOWN", { id: state.id, component: name, allowed });
  }
  if (component.process !== null && (await isAlive(component.process))) return state;
  const { identity } = await startProcess({
    command: component.program,
    args: component.args,
    environment: withInherited({ ...state.environment, [COMPONENT_VARIABLE]: name }),
    directory: state.codeFolder,
    logFile: component.logFile,
  });
  const components = state.components.map((each) => (each.name === name ? { ...each, process: identity } : each));
  const changed = { ...state, components };
  await writeDagsterState(layout, changed);
  return changed;
};
