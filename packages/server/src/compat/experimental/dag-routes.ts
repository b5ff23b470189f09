import { toDagId } from "@airfleet/model";
import { act, done, type ExperimentalContext, type ExperimentalRoute, named } from "./experimental-route.ts";
import { orDagNotFound } from "./find-run.ts";
import { withPythonTexts } from "./python-text.ts";
import { dagNotFound, ExperimentalRefusal } from "./refusal.ts";

const setPaused = async (context: ExperimentalContext): Promise<object> => {
  const dagId = named(context, "dag_id");
  // As in the original: whatever is not "true" unpauses.
  const paused = named(context, "paused") === "true";
  const action = await act(context, {
    verb: "dag:pause",
    instance: context.instance.id,
    dagId: toDagId(dagId),
    paused,
  });
  if (action.error?.code === "DAG_UNKNOWN") throw dagNotFound(dagId);
  done(action);
  return { response: "ok" };
};

/**
 * How many records went cannot be told: Airflow's other APIs do not say it. The DAG's own is one of them.
 */
const deleteDag = async (context: ExperimentalContext): Promise<object> => {
  const dagId = named(context, "dag_id");
  const action = await act(context, { verb: "dag:delete", instance: context.instance.id, dagId: toDagId(dagId) });
  if (action.error?.code === "DAG_UNKNOWN") throw dagNotFound(dagId);
  if (action.error?.code === "DAG_ACTIVE") throw new ExperimentalRefusal(400, "TaskInstances still running");
  done(action);
  return { message: "Removed 1 record(s)", count: 1 };
};

const isPaused = async (context: ExperimentalContext): Promise<object> => {
  const dagId = named(context, "dag_id");
  const { control, instance, reading } = context;
  const dag = await control.live.dag(instance.id, toDagId(dagId), reading).catch(orDagNotFound(dagId));
  return { is_paused: dag.isPaused };
};

const showTask = async (context: ExperimentalContext): Promise<object> => {
  const dagId = named(context, "dag_id");
  const taskId = named(context, "task_id");
  const { control, instance, reading } = context;
  const [dag, tasks] = await Promise.all([
    control.live.dag(instance.id, toDagId(dagId), reading),
    control.live.graph(instance.id, toDagId(dagId), reading),
  ]).catch(orDagNotFound(dagId));
  const task = tasks.find((one) => one.taskId === taskId);
  if (task === undefined) throw new ExperimentalRefusal(404, `Task ${taskId} not found in dag ${dagId}`);
  return withPythonTexts({
    task_id: task.taskId,
    dag_id: dagId,
    owner: dag.owners.join(", "),
    task_display_name: task.displayName,
    task_type: task.operator,
    trigger_rule: task.triggerRule,
    retries: task.retries,
    is_mapped: task.isMapped,
    downstream_task_ids: task.downstream,
    start_date: dag.startDate,
    end_date: dag.endDate,
  });
};

/** DAGs and what they are made of. */
export const dagRoutes: readonly ExperimentalRoute[] = [
  { method: "DELETE", path: "/dags/:dag_id", permission: "run:delete", answer: deleteDag },
  // As the client that came with Airflow writes it, to this day.
  { method: "DELETE", path: "/dags/:dag_id/delete_dag", permission: "run:delete", answer: deleteDag },
  { method: "GET", path: "/dags/:dag_id/paused", permission: "dag:read", answer: isPaused },
  { method: "GET", path: "/dags/:dag_id/paused/:paused", permission: "dag:pause", answer: setPaused },
  { method: "GET", path: "/dags/:dag_id/tasks/:task_id", permission: "dag:read", answer: showTask },
  {
    method: "GET",
    path: "/dags/:dag_id/code",
    permission: "dag:read",
    answer: (context) => {
      const dagId = named(context, "dag_id");
      const { control, instance, reading } = context;
      return control.live.source(instance.id, toDagId(dagId), reading).catch(orDagNotFound(dagId));
    },
  },
];
