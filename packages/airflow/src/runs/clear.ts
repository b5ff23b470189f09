import { type Deadline, parseAnswer } from "@airfleet/http";
import type { ClearedTask, ClearRequest, ClearResult } from "@airfleet/engine";
import { type TaskId, toTaskId } from "@airfleet/model";
import { type Api, toRequest } from "../api.ts";
import { getDagGraph } from "../dags/dag-reads.ts";
import { path } from "../api-path.ts";
import { runUnknown, taskUnknown } from "../missing.ts";

/**
 * Clears tasks of one run, always by `clearTaskInstances`: the run's own `/clear` of Airflow 2 knows neither tasks nor
 * "only failed" (it refuses the words), and answers a run instead of what it cleared. `dag_run_id` is always sent:
 * without it the call means every run of the DAG.
 */
export const clear = async (api: Api, request: ClearRequest, deadline: Deadline): Promise<ClearResult> => {
  if (request.taskIds !== undefined) await checkTasks(api, request, request.taskIds, deadline);
  // A real clear answers the tasks as they are afterwards; what they were is told by the same call as a dry run.
  const before = request.dryRun || api.dialect.generation === 2 ? [] : await post(api, request, true, deadline);
  const cleared = await post(api, request, request.dryRun, deadline);
  if (request.dryRun || before.length === 0) return { dryRun: request.dryRun, tasks: cleared };
  const states = new Map(before.map((task) => [key(task), task.stateBefore]));
  return { dryRun: false, tasks: cleared.map((task) => ({ ...task, stateBefore: states.get(key(task)) ?? null })) };
};

const key = (task: ClearedTask): string => `${task.mapIndex ?? ""}:${task.taskId}`;

/** Both generations answer an unknown task with 200 and an empty list, as if there were nothing to clear. */
const checkTasks = async (
  api: Api,
  request: ClearRequest,
  taskIds: readonly TaskId[],
  deadline: Deadline,
): Promise<void> => {
  const known = new Set<string>((await getDagGraph(api, request.dagId, deadline)).map(({ taskId }) => taskId));
  const unknown = taskIds.find((taskId) => !known.has(taskId));
  if (unknown !== undefined) throw taskUnknown(api, { ...request, taskId: toTaskId(unknown), mapIndex: -1 });
};

const post = async (
  api: Api,
  { taskIds, onlyFailed, ...run }: ClearRequest,
  dryRun: boolean,
  deadline: Deadline,
): Promise<readonly ClearedTask[]> => {
  const wire = toRequest(api, "POST", path`/dags/${run.dagId}/clearTaskInstances`, {
    body: api.dialect.clearBody(run, { ...(taskIds === undefined ? {} : { taskIds }), onlyFailed, dryRun }),
    passes: [404],
    repeatable: dryRun,
  });
  const answer = await api.http.call(wire, deadline);
  if (answer.status === 404) throw runUnknown(api, run);
  return parseAnswer(api.http, wire, answer, api.dialect.shapes.cleared).rows;
};
