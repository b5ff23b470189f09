import { toOffsetDate, toPythonDate } from "../clock/instant.ts";
import { type Answer, json, Refusal } from "../http/answer.ts";
import { createRun } from "../scheduler/create-run.ts";
import type { DagRecord } from "../world/dag-record.ts";
import { complaintAboutConf } from "../world/params-check.ts";
import { complaintAboutPrefix, LONGEST_RUN_ID, manualInterval, RUN_ID } from "../world/run-rules.ts";
import { uniqueNow } from "../world/world.ts";
import { type BodySpec, type Body, dateOf, objectOf, readBody, textOf } from "./body.ts";
import { badRequest, crashPage, refuse } from "./problem.ts";
import { renderRun } from "./render-run.ts";
import { param, type V1Call } from "./route.ts";

const BODY: BodySpec = {
  dag_run_id: { type: "string", maxLength: LONGEST_RUN_ID },
  logical_date: { type: "date-time" },
  execution_date: { type: "date-time" },
  data_interval_start: { type: "date-time" },
  data_interval_end: { type: "date-time" },
  conf: { type: "object" },
  note: { type: "string", isNullable: true, maxLength: 1000 },
  state: { type: "string", isReadOnly: true },
  start_date: { type: "date-time", isReadOnly: true },
  end_date: { type: "date-time", isReadOnly: true },
  run_type: { type: "string", isReadOnly: true },
  external_trigger: { type: "boolean", isReadOnly: true },
  dag_id: { type: "string", isReadOnly: true },
};

const triggerable = (call: V1Call): DagRecord => {
  const dagId = param(call, "dag_id");
  const dag = call.deployment.world.dags.get(dagId);
  if (dag === undefined || !dag.active) {
    return refuse(404, { title: "DAG not found", detail: `DAG with dag_id: '${dagId}' not found` });
  }
  if (dag.hasImportErrors) {
    return refuse(400, { title: "DAG cannot be triggered", detail: `DAG with dag_id: '${dagId}' has import errors` });
  }
  return dag;
};

const checkFree = (dag: DagRecord, runId: string, logicalAt: number): void => {
  const taken = `DAGRun with DAG ID: '${dag.dagId}' and DAGRun `;
  for (const run of dag.runs.values()) {
    if (run.logicalAt === logicalAt) {
      refuse(409, { detail: `${taken}logical date: '${toPythonDate(logicalAt)}' already exists` });
    }
  }
  if (dag.runs.has(runId)) refuse(409, { detail: `${taken}ID: '${runId}' already exists` });
};

const checkRunId = (call: V1Call, runId: string): void => {
  const prefix = complaintAboutPrefix(call.deployment.world, runId);
  if (prefix !== undefined) badRequest(prefix);
  // The id's pattern is checked so deep in that Airflow 2 crashes instead of refusing.
  if (!RUN_ID.test(runId)) throw new Refusal(crashPage(call.deployment.settings.version));
};

const intervalOf = (call: V1Call, dag: DagRecord, body: Body, logicalAt: number) => {
  const start = dateOf(body, "data_interval_start");
  const end = dateOf(body, "data_interval_end");
  if ((start === undefined) !== (end === undefined)) {
    badRequest("{'_schema': [\"Both 'data_interval_start' and 'data_interval_end' must be specified together\"]}");
  }
  return start === undefined || end === undefined
    ? manualInterval(call.deployment.world, dag, logicalAt)
    : { start, end };
};

/** POST of a run: the one write that everything else stands on. */
export const trigger = (call: V1Call): Answer => {
  const { world, scheduler } = call.deployment;
  const body = readBody(call.request, BODY);
  const dag = triggerable(call);
  const now = uniqueNow(world);
  const logicalAt = dateOf(body, "logical_date") ?? dateOf(body, "execution_date") ?? now;
  const given = textOf(body, "dag_run_id") ?? "";
  const runId = given === "" ? `manual__${toOffsetDate(logicalAt)}` : given;
  checkFree(dag, runId, logicalAt);
  checkRunId(call, runId);
  const conf = objectOf(body, "conf") ?? {};
  const complaint = complaintAboutConf(dag.serialized, conf);
  if (complaint !== undefined) badRequest(complaint);
  const interval = intervalOf(call, dag, body, logicalAt);
  const run = createRun(world, {
    dag,
    runId,
    runType: "manual",
    logicalAt,
    intervalStart: interval.start,
    intervalEnd: interval.end,
    runAfter: logicalAt,
    at: now,
    triggeredBy: "api",
    triggeringUser: call.user,
    conf,
    note: textOf(body, "note") ?? null,
  });
  scheduler.poke(run);
  return json(200, renderRun(world, run));
};
