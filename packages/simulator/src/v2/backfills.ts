import { type Micros, toOffsetDate, toZuluDate } from "../clock/instant.ts";
import { type Answer, json } from "../http/answer.ts";
import { createRun } from "../scheduler/create-run.ts";
import { markRun } from "../scheduler/mark-run.ts";
import { ticksOf } from "../scheduler/ticks.ts";
import type { DagRecord } from "../world/dag-record.ts";
import type { BackfillRecord } from "../world/house-records.ts";
import { uniqueNow, type World } from "../world/world.ts";
import { type Body, type BodySpec, dateOf, flagOf, numberOf, objectOf, readBody, textOf } from "./body.ts";
import { invalid, refuse } from "./detail.ts";
import { pageOf, slice } from "./query.ts";
import { dateOrNull } from "./render-run.ts";
import { param, type V2Call, type V2Route } from "./route.ts";

const BODY: BodySpec = {
  dag_id: { type: "string", isRequired: true },
  from_date: { type: "datetime", isRequired: true },
  to_date: { type: "datetime", isRequired: true },
  run_backwards: { type: "bool" },
  dag_run_conf: { type: "dict", isNullable: true },
  reprocess_behavior: { type: "string", options: ["failed", "completed", "none"] },
  max_active_runs: { type: "int" },
  run_on_latest_version: { type: "bool" },
};

const render = (world: World, backfill: BackfillRecord): object => ({
  id: backfill.id,
  dag_id: backfill.dagId,
  from_date: toZuluDate(backfill.fromAt),
  to_date: toZuluDate(backfill.toAt),
  dag_run_conf: backfill.conf,
  is_paused: backfill.paused,
  reprocess_behavior: backfill.reprocessBehavior,
  max_active_runs: backfill.maxActiveRuns,
  created_at: toZuluDate(backfill.createdAt),
  completed_at: dateOrNull(backfill.completedAt),
  updated_at: toZuluDate(backfill.updatedAt),
  dag_display_name: world.dags.get(backfill.dagId)?.parsed.displayName ?? backfill.dagId,
});

interface Plan {
  readonly dag: DagRecord;
  readonly fromAt: Micros;
  readonly toAt: Micros;
  /** Dates to be run: those of the range that are free, or may be run again. */
  readonly dates: readonly Micros[];
}

const mayRunAgain = (dag: DagRecord, at: Micros, behavior: string): boolean => {
  const known = [...dag.runs.values()].filter((run) => run.logicalAt === at);
  if (known.length === 0) return true;
  if (known.some((run) => run.state === "queued" || run.state === "running")) return false;
  return behavior === "completed" || (behavior === "failed" && known.every((run) => run.state === "failed"));
};

const planOf = (call: V2Call, body: Body): Plan => {
  const dagId = textOf(body, "dag_id") ?? "";
  const dag = call.deployment.world.dags.get(dagId) ?? refuse(404, `Could not find dag ${dagId}`);
  const ticks = ticksOf(dag.serialized);
  if (ticks === undefined) return refuse(422, `${dagId} has a non-periodic schedule that does not support backfills`);
  const [fromAt, toAt] = [dateOf(body, "from_date") ?? 0, dateOf(body, "to_date") ?? 0];
  const behavior = textOf(body, "reprocess_behavior") ?? "none";
  const dates: Micros[] = [];
  for (let at = ticks.after(fromAt - 1); at !== null && at <= toAt; at = ticks.after(at)) {
    if (mayRunAgain(dag, at, behavior)) dates.push(at);
  }
  return { dag, fromAt, toAt, dates: flagOf(body, "run_backwards") === true ? dates.toReversed() : dates };
};

const dryRun = (call: V2Call): Answer => {
  const { dates } = planOf(call, readBody(call.request, BODY));
  const backfills = dates.map((at) => ({ logical_date: toZuluDate(at), partition_key: null, partition_date: null }));
  return json(200, { backfills, total_entries: backfills.length });
};

const create = (call: V2Call): Answer => {
  const { world, scheduler } = call.deployment;
  const body = readBody(call.request, BODY);
  const { dag, fromAt, toAt, dates } = planOf(call, body);
  if (world.backfills.some((known) => known.dagId === dag.dagId && known.completedAt === null)) {
    refuse(409, `There is already a running backfill for dag ${dag.dagId}`);
  }
  const at = uniqueNow(world);
  const backfill: BackfillRecord = {
    id: world.ids.backfill++,
    dagId: dag.dagId,
    fromAt,
    toAt,
    conf: objectOf(body, "dag_run_conf") ?? null,
    paused: false,
    reprocessBehavior: textOf(body, "reprocess_behavior") ?? "none",
    maxActiveRuns: numberOf(body, "max_active_runs") ?? 10,
    createdAt: at,
    completedAt: null,
    updatedAt: uniqueNow(world),
  };
  world.backfills.push(backfill);
  for (const date of dates) {
    const base = `backfill__${toOffsetDate(date)}`;
    const run = createRun(world, {
      dag,
      runId: dag.runs.has(base) ? `${base}_${backfill.id}` : base,
      runType: "backfill",
      logicalAt: date,
      intervalStart: date,
      intervalEnd: date,
      runAfter: date,
      at: uniqueNow(world),
      triggeredBy: "backfill",
      triggeringUser: call.user,
      conf: backfill.conf ?? {},
      backfillId: backfill.id,
    });
    scheduler.poke(run);
  }
  if (dates.length === 0) backfill.completedAt = uniqueNow(world);
  return json(200, render(world, backfill));
};

const backfillOr404 = (call: V2Call): BackfillRecord => {
  const id = param(call, "backfill_id");
  return call.deployment.world.backfills.find((known) => String(known.id) === id) ?? refuse(404, "Backfill not found");
};

const list = ({ deployment: { world, settings }, request: { query } }: V2Call): Answer => {
  const dagId = query.get("dag_id");
  if (dagId === null) invalid([{ type: "missing", loc: ["query", "dag_id"], msg: "Field required", input: null }]);
  const page = pageOf(query, settings.maximumPageLimit);
  const rows = world.backfills.filter((backfill) => backfill.dagId === dagId);
  return json(200, { backfills: slice(rows, page).map((row) => render(world, row)), total_entries: rows.length });
};

const setPaused = (call: V2Call, paused: boolean): Answer => {
  const { world, scheduler } = call.deployment;
  const backfill = backfillOr404(call);
  if (backfill.completedAt !== null) refuse(409, "Backfill is already completed.");
  backfill.paused = paused;
  backfill.updatedAt = uniqueNow(world);
  scheduler.pokeAll();
  return json(200, render(world, backfill));
};

/** Queued runs fail, running ones go on to their end. */
const cancel = (call: V2Call): Answer => {
  const { world, scheduler } = call.deployment;
  const backfill = backfillOr404(call);
  if (backfill.completedAt !== null) refuse(409, "Backfill is already completed.");
  backfill.paused = true;
  backfill.updatedAt = uniqueNow(world);
  for (const run of world.dags.get(backfill.dagId)?.open ?? []) {
    if (run.backfillId === backfill.id && run.state === "queued") markRun(world, scheduler, run, "failed");
  }
  backfill.completedAt = uniqueNow(world);
  return json(200, render(world, backfill));
};

export const backfillRoutes: readonly V2Route[] = [
  { method: "GET", path: "/backfills", handle: list },
  { method: "POST", path: "/backfills", event: "create_backfill", handle: create },
  { method: "POST", path: "/backfills/dry_run", handle: dryRun },
  {
    method: "GET",
    path: "/backfills/{backfill_id}",
    handle: (call) => json(200, render(call.deployment.world, backfillOr404(call))),
  },
  {
    method: "PUT",
    path: "/backfills/{backfill_id}/pause",
    event: "pause_backfill",
    handle: (call) => setPaused(call, true),
  },
  {
    method: "PUT",
    path: "/backfills/{backfill_id}/unpause",
    event: "unpause_backfill",
    handle: (call) => setPaused(call, false),
  },
  { method: "PUT", path: "/backfills/{backfill_id}/cancel", event: "cancel_backfill", handle: cancel },
];
