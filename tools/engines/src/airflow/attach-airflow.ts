import { type CacheLayout, cacheLayout } from "../cache/layout.ts";
import { EngineToolError } from "../errors.ts";
import { judgeInstance } from "../state/instance-state.ts";
import { readRunningState, type RunningAirflow, toRunningAirflow } from "./running-airflow.ts";

/**
 * Takes hold of an engine that another process started. Disposing of the object leaves the engine running; `stop()` stops it.
 * @throws ENGINE_NOT_RUNNING, also when it is still starting
 */
export const attachAirflow = async (id: string, layout: CacheLayout = cacheLayout()): Promise<RunningAirflow> => {
  const state = await readRunningState(layout, id);
  if (state.status !== "ready" || (await judgeInstance(state)) === "lost") {
    throw new EngineToolError("ENGINE_NOT_RUNNING", {
      id,
      running: state.status === "ready" ? "none" : `${id} is starting`,
    });
  }
  return toRunningAirflow(layout, state, false);
};
