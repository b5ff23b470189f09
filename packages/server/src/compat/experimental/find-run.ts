import { isAirfleetError, type Run, toDagId } from "@airfleet/model";
import { type ExecutionDate, parseExecutionDate, toPythonText } from "./execution-date.ts";
import { type ExperimentalContext, named } from "./experimental-route.ts";
import { dagNotFound, ExperimentalRefusal } from "./refusal.ts";

/** The time that stands for a run's date where it has none (Airflow 3): when it was due. */
export const dateOf = ({ logicalDate, runAfter }: Run): string | null => logicalDate ?? runAfter;

const runsAt = async (
  { control, instance, reading }: ExperimentalContext,
  dagId: string,
  by: "logicalDate" | "runAfter",
  date: ExecutionDate,
): Promise<readonly Run[]> => {
  const window = { by, from: date, to: date };
  return (await control.live.runs(instance.id, { dagId: toDagId(dagId), window }, reading)).items;
};

/** Turns our "no such DAG" into the original's. */
export const orDagNotFound =
  (dagId: string) =>
  (error: unknown): never => {
    throw isAirfleetError(error, "DAG_UNKNOWN") ? dagNotFound(dagId) : error;
  };

/**
 * The run that a path names by its execution date, which is all that clients of this API know a run by.
 *
 * @throws {ExperimentalRefusal} in the original's words
 */
export const findRun = async (context: ExperimentalContext): Promise<{ readonly run: Run; readonly date: string }> => {
  const dagId = named(context, "dag_id");
  const date = parseExecutionDate(named(context, "execution_date"));
  const { control, instance, reading } = context;
  const [run] = await runsAt(context, dagId, "logicalDate", date);
  if (run !== undefined) return { run, date };
  const isDateless = instance.status.generation === 3;
  const due = isDateless ? await runsAt(context, dagId, "runAfter", date) : [];
  const dateless = due.find(({ logicalDate }) => logicalDate === null);
  if (dateless !== undefined) return { run: dateless, date };
  await control.live.dag(instance.id, toDagId(dagId), reading).catch(orDagNotFound(dagId));
  throw new ExperimentalRefusal(404, `Dag Run for date ${toPythonText(date)} not found in dag ${dagId}`);
};
