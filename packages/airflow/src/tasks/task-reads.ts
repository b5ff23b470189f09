import { callFor, type Deadline } from "@airfleet/http";
import type { TaskQuery } from "@airfleet/engine";
import type { TaskAddress, TaskInstance } from "@airfleet/model";
import { type Api, read, toRequest } from "../api.ts";
import type { Rows } from "../dialect.ts";
import { path } from "../api-path.ts";
import { capabilityMissing, taskUnknown } from "../missing.ts";
import { halveBatch, runKey, type TaskBatch, toTaskBatches } from "./task-batches.ts";

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

const byAddress = (left: TaskInstance, right: TaskInstance): number =>
  compare(left.dagId, right.dagId) ||
  compare(left.runId, right.runId) ||
  compare(left.taskId, right.taskId) ||
  left.mapIndex - right.mapIndex;

const readPage = (
  api: Api,
  { dagIds, runIds }: TaskBatch,
  offset: number,
  deadline: Deadline,
): Promise<Rows<TaskInstance>> => {
  const request = toRequest(api, "POST", path`/dags/~/dagRuns/~/taskInstances/list`, {
    body: api.dialect.taskListBody({ dagIds, runIds, offset, limit: api.dialect.batchRows }),
    repeatable: true,
  });
  return callFor(api.http, request, deadline, api.dialect.shapes.taskInstances);
};

/**
 * One batch to its end. Airflow 2 lists in no order at all, so two of its pages may repeat some rows and leave out
 * others: there a batch that does not fit one page is halved until it does, and pages are a last resort.
 */
const readBatch = async (api: Api, batch: TaskBatch, deadline: Deadline): Promise<readonly TaskInstance[]> => {
  const first = await readPage(api, batch, 0, deadline);
  const total = first.total ?? first.rows.length;
  if (first.rows.length >= total) return first.rows;
  const halves = api.dialect.generation === 2 ? halveBatch(batch) : null;
  if (halves !== null) {
    const [left, right] = halves;
    return [...(await readBatch(api, left, deadline)), ...(await readBatch(api, right, deadline))];
  }
  const rows = [...first.rows];
  while (rows.length < total) {
    const page = await readPage(api, batch, rows.length, deadline);
    if (page.rows.length === 0) break;
    rows.push(...page.rows);
  }
  return rows;
};

/** All task instances of these runs, in order of run, task and map index; batched over runs and DAGs. */
export const listTaskInstances = async (
  api: Api,
  { runs }: TaskQuery,
  deadline: Deadline,
): Promise<readonly TaskInstance[]> => {
  const wanted = new Set(runs.map(runKey));
  const found = new Map<string, TaskInstance>();
  for (const batch of toTaskBatches(runs)) {
    for (const task of await readBatch(api, batch, deadline)) {
      if (wanted.has(runKey(task))) found.set(`${runKey(task)}\n${task.taskId}\n${task.mapIndex}`, task);
    }
  }
  return [...found.values()].sort(byAddress);
};

const taskPath = ({ dagId, runId, taskId, mapIndex }: TaskAddress) =>
  mapIndex < 0
    ? path`/dags/${dagId}/dagRuns/${runId}/taskInstances/${taskId}`
    : path`/dags/${dagId}/dagRuns/${runId}/taskInstances/${taskId}/${mapIndex}`;

/** One task instance. A mapped task without its map index is unknown, in both generations. */
export const getTaskInstance = (api: Api, task: TaskAddress, deadline: Deadline): Promise<TaskInstance> =>
  read(api, taskPath(task), api.dialect.shapes.taskInstance, deadline, { missing: () => taskUnknown(api, task) });

/** Every try, oldest first. */
export const listTries = async (api: Api, task: TaskAddress, deadline: Deadline): Promise<readonly TaskInstance[]> => {
  if (!api.dialect.capabilities.tries) {
    throw capabilityMissing(api, "list earlier tries", "That came with Airflow 2.10.");
  }
  const base = taskPath(task);
  const tries = { text: `${base.text}/tries`, template: `${base.template}/tries` };
  const { rows } = await read(api, tries, api.dialect.shapes.taskInstances, deadline, {
    missing: () => taskUnknown(api, task),
  });
  // Airflow 2 answers an empty list for a task that is not there.
  if (rows.length === 0) await getTaskInstance(api, task, deadline);
  const byNumber = new Map(rows.map((row) => [row.tryNumber, row]));
  return [...byNumber.values()].sort((left, right) => left.tryNumber - right.tryNumber);
};
