import { AirfleetError, NativeReport, type RunReport, toDagId, toRunId, toTaskId } from "@airfleet/model";
import { keepMessage } from "./keep-message.ts";
import { readDate } from "./read-date.ts";
import { runStateBehind } from "./run-state-behind.ts";

type Task = NonNullable<NativeReport["task"]>;

/** The schema has seen to it that a time has its zone. */
const toInstant = (value: string | null | undefined) => readDate(value ?? null, "UTC");

const toTask = (task: Task): RunReport["task"] => ({
  taskId: toTaskId(task.task_id),
  tryNumber: task.try_number,
  mapIndex: task.map_index < 0 ? null : task.map_index,
  state: task.state,
  startedAt: toInstant(task.started_at),
  endedAt: toInstant(task.ended_at),
  hostname: task.hostname ?? null,
  pid: task.pid ?? null,
  processEnds: task.process_ends ?? false,
});

const toDetails = ({ progress, error, results, statistics, logs }: NativeReport): RunReport["details"] => ({
  ...(progress !== undefined && { progress: progress.percent }),
  ...(progress?.title !== undefined && { title: progress.title }),
  ...(error !== undefined && { error: { category: error.category ?? null, message: error.message } }),
  ...(results !== undefined && { results }),
  ...(statistics !== undefined && { statistics }),
  ...(logs !== undefined && { logs }),
});

/**
 * What a report in our own format says.
 *
 * @throws {AirfleetError} REPORT_INVALID with the first thing that is wrong
 */
export const readNativeReport = (item: unknown): RunReport => {
  const parsed = NativeReport.safeParse(item);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue === undefined || issue.path.length === 0 ? "" : `${issue.path.map(String).join(".")}: `;
    throw new AirfleetError("REPORT_INVALID", { summary: `${place}${issue?.message ?? "it is no object"}` });
  }
  const { data } = parsed;
  const task = data.task === undefined ? null : toTask(data.task);
  return {
    format: "native",
    eventId: data.event_id,
    dagId: toDagId(data.dag_id),
    runId: toRunId(data.dag_run_id),
    runState: data.run?.state ?? runStateBehind(task?.state),
    logicalDate: toInstant(data.run?.logical_date),
    conf: data.run?.conf ?? null,
    task,
    otherTasks: [],
    details: toDetails(data),
    sentAt: Date.parse(data.sent_at),
    ...keepMessage(item),
  };
};
