import { randomInt } from "node:crypto";
import type { Action } from "@airfleet/control";
import { checkConf, isAirfleetError, toDagId } from "@airfleet/model";
import { chooseDate, readTriggerFields, runIdOfSigned, type TriggerFields } from "./trigger-fields.ts";
import { type ExecutionDate, executionDateNow, toIsoFormat, toPythonText } from "./execution-date.ts";
import { act, done, type ExperimentalContext, type ExperimentalRoute, named } from "./experimental-route.ts";
import { dagNotFound, ExperimentalRefusal, toRefusal } from "./refusal.ts";

interface Wanted {
  readonly dagId: string;
  readonly runId: string;
  readonly date: ExecutionDate;
  readonly conf: TriggerFields["conf"];
}

const start = async (context: ExperimentalContext, { dagId, runId, date, conf }: Wanted): Promise<Action> => {
  try {
    return await act(context, {
      verb: "run:trigger",
      instance: context.instance.id,
      dagId: toDagId(dagId),
      runId,
      logicalDate: date,
      conf: checkConf(conf),
    });
  } catch (error) {
    throw isAirfleetError(error, "RUN_ID_INVALID", "CONF_UNUSABLE") ? toRefusal(error) : error;
  }
};

const alreadyThere = ({ dagId, runId }: Wanted): ExperimentalRefusal =>
  new ExperimentalRefusal(400, `Run id ${runId} already exists for dag id ${dagId}`);

/** The action of a run that this very request has started. @throws {Error} in the original's words where it has some */
const started = (action: Action, wanted: Wanted): Action => {
  const code = action.error?.code;
  if (code === "DAG_UNKNOWN") throw dagNotFound(wanted.dagId);
  if (code === "RUN_ID_TAKEN") throw alreadyThere(wanted);
  if (code === "LOGICAL_DATE_TAKEN") {
    const date = toPythonText(wanted.date);
    throw new ExperimentalRefusal(400, `A Dag Run already exists for dag id ${wanted.dagId} at ${date}`);
  }
  // It has our conf and date, but it was there before we asked: it is another request's.
  if (action.after?.["existed"] === true) throw alreadyThere(wanted);
  return done(action);
};

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);

/**
 * Whether Airflow 2's own command asks. It prints what it finds under `message` as a row of a table, and fails after
 * the run was started when that is a text.
 */
const isCommandLine = ({ request, body }: ExperimentalContext): boolean =>
  request.headers["user-agent"]?.startsWith("python-httpx/") === true &&
  ["run_id", "conf", "execution_date", "replace_microseconds"].every((name) => Object.hasOwn(body, name));

const toAnswer = (context: ExperimentalContext, { after }: Action, { dagId, runId, date, conf }: Wanted): object => {
  const about = textOf(after?.["logical_date"]) ?? date;
  const message = `Created <DagRun ${dagId} @ ${toPythonText(about)}: ${runId}, externally triggered: True>`;
  const facts = { execution_date: toIsoFormat(about), run_id: runId };
  if (!isCommandLine(context)) return { message, ...facts };
  const row = {
    message,
    dag_id: dagId,
    dag_run_id: runId,
    logical_date: toIsoFormat(about),
    state: textOf(after?.["engine_state"]),
    conf,
  };
  return { message: row, ...facts };
};

/** So many dates are tried: each has a millionth of a second to itself. */
const MOST_DATES = 5;

/**
 * Starts a run that has an id of its own and is about no date in particular. Two of them in one second are no clash that
 * anybody asked for: whichever comes later gets a date that is written more precisely.
 */
const startWhenFree = async (
  context: ExperimentalContext,
  wanted: Wanted,
): Promise<{ readonly action: Action; readonly of: Wanted }> => {
  let of = wanted;
  let action = await start(context, of);
  for (let tried = 1; action.error?.code === "LOGICAL_DATE_TAKEN" && tried < MOST_DATES; tried += 1) {
    of = { ...wanted, date: executionDateNow(Date.now(), randomInt(1_000)) };
    action = await start(context, of);
  }
  return { action, of };
};

const startRun = async (context: ExperimentalContext): Promise<object> => {
  const dagId = named(context, "dag_id");
  const fields = readTriggerFields(context.body);
  const date = chooseDate(fields, Date.now());
  const isUnnamed = fields.runId === undefined;
  const isRepeatable = isUnnamed && fields.date === undefined && context.isSigned;
  const runId = isRepeatable ? runIdOfSigned(context.body) : (fields.runId ?? `manual__${toIsoFormat(date)}`);
  const wanted = { dagId, runId, date, conf: fields.conf };
  const mayMove = fields.date === undefined && (!isUnnamed || isRepeatable);
  const { action, of } = mayMove
    ? await startWhenFree(context, wanted)
    : { action: await start(context, wanted), of: wanted };
  return toAnswer(context, started(action, of), of);
};

export const startRunRoute: ExperimentalRoute = {
  method: "POST",
  path: "/dags/:dag_id/dag_runs",
  permission: "run:trigger",
  isSigned: true,
  answer: startRun,
};
