import { randomUUID } from "node:crypto";
import { z } from "zod";
import { authorize } from "../src/airflow/api.ts";
import type { RunningAirflow } from "../src/index.ts";
import { eventually } from "./eventually.ts";

const Run = z.object({ state: z.string() });
const TaskInstances = z.object({
  task_instances: z.array(
    z.object({ task_id: z.string(), state: z.string().nullable(), try_number: z.int(), map_index: z.int() }),
  ),
});
export const Dags = z.object({
  dags: z.array(z.object({ dag_id: z.string(), is_paused: z.boolean() })),
  total_entries: z.int(),
});

const TERMINAL = ["success", "failed"];

/** Speaks to a started engine as its admin, in the few words these tests need. */
export const callAirflow = async (airflow: RunningAirflow) => {
  const root = `${airflow.url}/api/v${airflow.generation - 1}`;
  const headers = { "content-type": "application/json", accept: "*/*", ...(await authorize(airflow)) };
  const send = async (method: string, path: string, body?: object): Promise<Response> => {
    const response = await fetch(`${root}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    if (!response.ok) throw new Error(`${method} ${path} answers ${response.status}: ${await response.text()}`);
    return response;
  };
  const get = async (path: string): Promise<unknown> => await (await send("GET", path)).json();
  return {
    get,
    text: async (path: string): Promise<string> => await (await send("GET", path)).text(),
    /** Triggers a run and waits for its end. */
    runToEnd: async (dagId: string, conf: object = {}) => {
      const runId = `test-${randomUUID()}`;
      const path = `/dags/${dagId}/dagRuns`;
      const date = airflow.generation === 3 ? { logical_date: null } : {};
      await send("POST", path, { dag_run_id: runId, conf, ...date });
      let state = "";
      const ended = async (): Promise<boolean> => {
        ({ state } = Run.parse(await get(`${path}/${runId}`)));
        return TERMINAL.includes(state);
      };
      await eventually(`${dagId} ends`, ended, 90_000, 500);
      const { task_instances: tasks } = TaskInstances.parse(await get(`${path}/${runId}/taskInstances`));
      return {
        runId,
        state,
        tasks: tasks
          .map((task) => `${task.task_id}${task.map_index < 0 ? "" : task.map_index}:${task.state}:${task.try_number}`)
          .sort(),
      };
    },
  };
};
