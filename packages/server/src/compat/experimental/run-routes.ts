import type { FleetInstance } from "@airfleet/control";
import { runPage } from "@airfleet/control";
import { type Run, type RunState, toDagId, toRunId } from "@airfleet/model";
import { z } from "zod";
import { toIsoFormat, toPythonText } from "./execution-date.ts";
import { type ExperimentalContext, type ExperimentalRoute, named } from "./experimental-route.ts";
import { dateOf, findRun, orDagNotFound } from "./find-run.ts";
import { withPythonTexts } from "./python-text.ts";
import { ExperimentalRefusal } from "./refusal.ts";

/** The original answers all runs at once; this many are enough to keep a server alive that has had more. */
const MOST_RUNS = 10_000;

const STATES: readonly RunState[] = ["queued", "running", "success", "failed"];

const readState = (value: unknown): RunState | undefined => {
  if (value === undefined || value === "") return undefined;
  const text = typeof value === "string" ? value.toLowerCase() : JSON.stringify(value);
  const found = STATES.find((state) => state === text);
  if (found !== undefined) return found;
  throw new ExperimentalRefusal(400, `'${text}' is not a valid DagRunState: use ${STATES.join(", ")}`);
};

const pagesOf = async (
  { control, instance, reading }: ExperimentalContext,
  dagId: string,
  state: RunState | undefined,
): Promise<readonly Run[]> => {
  const query = { dagId: toDagId(dagId), ...(state === undefined ? {} : { states: [state] }) };
  const runs = new Map<string, Run>();
  let after: string | undefined;
  do {
    const page = await control.live.runs(
      instance.id,
      { ...query, limit: 100, ...(after === undefined ? {} : { after }) },
      reading,
    );
    // A run that is created meanwhile pushes others onto the next page.
    for (const run of page.items) runs.set(run.runId, run);
    after = page.next ?? undefined;
  } while (after !== undefined && runs.size < MOST_RUNS);
  return [...runs.values()];
};

interface Listed {
  readonly dagId: string;
  readonly runId: string;
  readonly date: string | null;
  readonly startedAt: string | null;
}

/** The fields that both lists of runs have. */
export const toListed = (instance: FleetInstance, { dagId, runId, date, startedAt }: Listed) => ({
  dag_id: dagId,
  execution_date: date === null ? null : toIsoFormat(date),
  start_date: startedAt === null ? "" : toIsoFormat(startedAt),
  dag_run_url: runPage(instance, { dagId: toDagId(dagId), runId: toRunId(runId) }),
});

const listRuns = async (context: ExperimentalContext): Promise<object> => {
  const dagId = named(context, "dag_id");
  const runs = await pagesOf(context, dagId, readState(context.query["state"])).catch(orDagNotFound(dagId));
  const dated = runs.map((run) => ({ run, date: dateOf(run) }));
  return dated
    .sort((left, right) => ((left.date ?? "") < (right.date ?? "") ? -1 : 1))
    .map(({ run, date }) => ({
      // The number that Airflow's database gave it, which its other APIs do not tell.
      id: null,
      run_id: run.runId,
      state: run.engineState,
      ...toListed(context.instance, { ...run, date }),
    }));
};

const NativeTasks = z.object({ task_instances: z.array(z.looseObject({ task_id: z.string() })) });

const showTask = async (context: ExperimentalContext): Promise<object> => {
  const { control, instance, reading } = context;
  const taskId = named(context, "task_id");
  const { run, date } = await findRun(context);
  const { json } = await control.live.native(instance.id, { kind: "tasks", run }, reading);
  const { task_instances: tasks } = NativeTasks.parse(JSON.parse(Buffer.from(json).toString("utf8")));
  const task = tasks.find(({ task_id }) => task_id === taskId);
  if (task === undefined) {
    throw new ExperimentalRefusal(404, `Task ${taskId} instance for date ${toPythonText(date)} not found`);
  }
  const { dag_run_id: runId, ...fields } = task;
  return withPythonTexts({ ...fields, run_id: runId });
};

/** Runs by their execution date, and their tasks. */
export const runRoutes: readonly ExperimentalRoute[] = [
  { method: "GET", path: "/dags/:dag_id/dag_runs", permission: "run:read", answer: listRuns },
  {
    method: "GET",
    path: "/dags/:dag_id/dag_runs/:execution_date",
    permission: "run:read",
    answer: async (context) => ({ state: (await findRun(context)).run.engineState }),
  },
  {
    method: "GET",
    path: "/dags/:dag_id/dag_runs/:execution_date/tasks/:task_id",
    permission: "run:read",
    answer: showTask,
  },
];
