import { pythonRepr, pythonString } from "../http/python-text.ts";
import type { DagSpec } from "../specs/dag-spec.ts";

const scheduleText = (spec: DagSpec): string => {
  const schedule = spec.schedule ?? null;
  if (schedule === null) return "None";
  if (typeof schedule === "string") return pythonString(schedule);
  if ("assets" in schedule) return `[${schedule.assets.map((uri) => `Asset(${pythonString(uri)})`).join(", ")}]`;
  return `timedelta(seconds=${schedule.everySeconds})`;
};

/** The text of a DAG's file: the given one, or one that a person could have written for this spec. */
export const sourceOf = (spec: DagSpec): string => {
  if (spec.source !== undefined) return spec.source;
  const lines = spec.tasks.map(
    (task) =>
      `    ${task.taskId} = BashOperator(task_id=${pythonString(task.taskId)}, bash_command="echo ${task.taskId}")`,
  );
  const edges = spec.tasks
    .filter((task) => (task.downstream ?? []).length > 0)
    .map((task) => `    ${task.taskId} >> [${(task.downstream ?? []).join(", ")}]`);
  return [
    `"""${spec.description ?? spec.dagId}"""`,
    "from datetime import datetime, timedelta",
    "from airflow import DAG",
    "from airflow.providers.standard.operators.bash import BashOperator",
    "",
    `with DAG(${pythonString(spec.dagId)}, schedule=${scheduleText(spec)}, start_date=datetime(2026, 1, 1), tags=${pythonRepr([...(spec.tags ?? [])])}):`,
    ...lines,
    ...edges,
    "",
  ].join("\n");
};
