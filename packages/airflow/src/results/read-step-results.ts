import type { Deadline } from "@airfleet/http";
import { type RunAddress, StepResult, type TaskId, toTaskId } from "@airfleet/model";
import { z } from "zod";
import { type Api, read, readAll } from "../api.ts";
import { path } from "../api-path.ts";
import type { Rows } from "../dialect.ts";
import { runUnknown } from "../missing.ts";
import { getRun } from "../runs/run-reads.ts";

/** What a task returned, as Airflow keeps it. */
const KEY = "return_value";
/** Values that are read at once. */
const AT_ONCE = 4;

interface Entry {
  readonly key: string;
  readonly taskId: TaskId;
  readonly mapIndex: number;
}

const Entries: z.ZodType<Rows<Entry>> = z
  .object({
    xcom_entries: z.array(z.object({ key: z.string(), task_id: z.string(), map_index: z.number().int().default(-1) })),
    total_entries: z.number().int(),
  })
  .transform(({ xcom_entries, total_entries }) => ({
    rows: xcom_entries.map(({ key, task_id, map_index }) => ({
      key,
      taskId: toTaskId(task_id),
      mapIndex: map_index,
    })),
    total: total_entries,
    nextCursor: null,
  }));

/** A text where an older Airflow 2 does not know `stringify`: a Python literal, which is nothing for us to read. */
const Value = z.object({ value: z.unknown() });

/**
 * What the steps of a pipeline's run have left: the return values of its tasks that are step results. One call lists
 * which tasks have left something, one more reads each. Of a mapped task the last is told.
 *
 * @throws {AirfleetError} RUN_UNKNOWN
 */
export const readStepResults = async (
  api: Api,
  run: RunAddress,
  deadline: Deadline,
): Promise<ReadonlyMap<TaskId, StepResult>> => {
  const { dagId, runId } = run;
  const missing = () => runUnknown(api, run);
  const entries = await readAll(
    api,
    path`/dags/${dagId}/dagRuns/${runId}/taskInstances/~/xcomEntries`,
    Entries,
    deadline,
    { query: { xcom_key: KEY }, missing },
  );
  // A run that is not there has left nothing, too.
  if (entries.length === 0) await getRun(api, run, deadline);
  const results = new Map<TaskId, StepResult>();
  const readOne = async ({ taskId, mapIndex }: Entry): Promise<void> => {
    const entry = await read(
      api,
      path`/dags/${dagId}/dagRuns/${runId}/taskInstances/${taskId}/xcomEntries/${KEY}`,
      Value,
      deadline,
      { query: { stringify: false, ...(mapIndex < 0 ? {} : { map_index: mapIndex }) }, missing },
    );
    const result = StepResult.safeParse(entry.value);
    if (result.success) results.set(taskId, result.data);
  };
  const returned = entries.filter(({ key }) => key === KEY);
  for (let start = 0; start < returned.length; start += AT_ONCE) {
    await Promise.all(returned.slice(start, start + AT_ONCE).map(readOne));
  }
  return results;
};
