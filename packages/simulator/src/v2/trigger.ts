import { toOffsetDate } from "../clock/instant.ts";
import { type Answer, json } from "../http/answer.ts";
import { createRun } from "../scheduler/create-run.ts";
import type { DagRecord } from "../world/dag-record.ts";
import { complaintAboutConf } from "../world/params-check.ts";
import { complaintAboutPrefix, LONGEST_RUN_ID, manualInterval, RUN_ID } from "../world/run-rules.ts";
import { uniqueNow } from "../world/world.ts";
import { type Body, type BodySpec, dateOf, objectOf, readBody, textOf } from "./body.ts";
import { conflict, invalid, refuse, rejectedByDatabase } from "./detail.ts";
import { renderRun } from "./render-run.ts";
import { param, type V2Call } from "./route.ts";

const BODY: BodySpec = {
  dag_run_id: { type: "string", isNullable: true },
  data_interval_start: { type: "datetime", isNullable: true },
  data_interval_end: { type: "datetime", isNullable: true },
  logical_date: { type: "datetime", isNullable: true, isRequired: true },
  run_after: { type: "datetime", isNullable: true },
  conf: { type: "dict", isNullable: true },
  note: { type: "string", isNullable: true },
  partition_key: { type: "string", isNullable: true },
};

const PATTERN_TEXT =
  "'^[A-Za-z0-9_.~:+-]+$' or '^(?:manual|scheduled|asset_triggered)__(?:\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\+00:00)$'";

/** A broken DAG is not found either: since 3.3 it is stale from its first failed parse. */
const triggerable = (call: V2Call): DagRecord => {
  const dagId = param(call, "dag_id");
  const dag = call.deployment.world.dags.get(dagId);
  return dag === undefined || !dag.active ? refuse(404, `Dag with dag_id: '${dagId}' not found`) : dag;
};

const checkRunId = (call: V2Call, runId: string): void => {
  const prefix = complaintAboutPrefix(call.deployment.world, runId);
  if (prefix !== undefined) refuse(400, prefix);
  if (runId.includes("..")) refuse(400, `The run_id provided '${runId}' must not contain '..'`);
  if (!RUN_ID.test(runId)) refuse(400, `The run_id provided '${runId}' does not match regex pattern ${PATTERN_TEXT}`);
  if (runId.length > LONGEST_RUN_ID) rejectedByDatabase();
};

const intervalOf = (call: V2Call, dag: DagRecord, body: Body, logicalAt: number | undefined) => {
  const start = dateOf(body, "data_interval_start");
  const end = dateOf(body, "data_interval_end");
  if ((start === undefined) !== (end === undefined)) {
    const msg =
      "Value error, Either both data_interval_start and data_interval_end must be provided or both must be None";
    invalid([{ type: "value_error", loc: ["body"], msg, input: body, ctx: { error: {} } }]);
  }
  if (start !== undefined && end !== undefined) return { start, end };
  return logicalAt === undefined ? { start: null, end: null } : manualInterval(call.deployment.world, dag, logicalAt);
};

/** POST of a run: the one write that everything else stands on. */
export const trigger = (call: V2Call): Answer => {
  const { world, scheduler } = call.deployment;
  const body = readBody(call.request, BODY);
  const dag = triggerable(call);
  const logicalAt = dateOf(body, "logical_date");
  const interval = intervalOf(call, dag, body, logicalAt);
  const now = uniqueNow(world);
  const runAfter = dateOf(body, "run_after") ?? now;
  const given = textOf(body, "dag_run_id") ?? "";
  const runId = given === "" ? `manual__${toOffsetDate(logicalAt ?? runAfter)}` : given;
  checkRunId(call, runId);
  const conf = objectOf(body, "conf") ?? {};
  const complaint = complaintAboutConf(dag.serialized, conf);
  if (complaint !== undefined) refuse(400, complaint);
  const isDateTaken = logicalAt !== undefined && [...dag.runs.values()].some((run) => run.logicalAt === logicalAt);
  // The answer does not tell a taken id from a taken date.
  if (dag.runs.has(runId) || isDateTaken) conflict();
  const run = createRun(world, {
    dag,
    runId,
    runType: "manual",
    logicalAt: logicalAt ?? null,
    intervalStart: interval.start,
    intervalEnd: interval.end,
    runAfter,
    at: uniqueNow(world),
    triggeredBy: call.request.headers.referer === undefined ? "rest_api" : "ui",
    triggeringUser: call.user,
    conf,
    note: textOf(body, "note") ?? null,
  });
  scheduler.poke(run);
  return json(200, renderRun(world, run));
};
