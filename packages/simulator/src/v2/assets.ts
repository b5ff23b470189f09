import { toOffsetDate, toZuluDate } from "../clock/instant.ts";
import { type Answer, json } from "../http/answer.ts";
import { recordAssetEvent } from "../scheduler/asset-updates.ts";
import { createRun } from "../scheduler/create-run.ts";
import { consumersOf, producersOf } from "../world/asset-links.ts";
import type { AssetEventRecord, AssetRecord } from "../world/house-records.ts";
import { findRun, uniqueNow, type World } from "../world/world.ts";
import { numberOf, objectOf, readBody } from "./body.ts";
import { refuse } from "./detail.ts";
import { matchesPattern, orderingOf, pageOf, slice, sortBy } from "./query.ts";
import { dateOrNull, renderRun } from "./render-run.ts";
import { param, type V2Call, type V2Route } from "./route.ts";
import { runOr404 } from "./runs.ts";

const assetById = (world: World, id: string): AssetRecord | undefined =>
  [...world.assets.values()].find((asset) => String(asset.id) === id);

const renderAsset = (world: World, asset: AssetRecord): object => {
  const last = world.assetEvents.findLast((event) => event.asset.id === asset.id);
  const since = { created_at: toZuluDate(asset.createdAt), updated_at: toZuluDate(asset.createdAt) };
  return {
    id: asset.id,
    name: asset.uri,
    uri: asset.uri,
    group: "asset",
    extra: {},
    created_at: toZuluDate(asset.createdAt),
    updated_at: toZuluDate(asset.createdAt),
    scheduled_dags: consumersOf(world, asset.uri).map((dag) => ({ dag_id: dag.dagId, ...since })),
    producing_tasks: producersOf(world, asset).map(({ dag, taskId }) => ({
      dag_id: dag.dagId,
      task_id: taskId,
      ...since,
    })),
    consuming_tasks: [],
    aliases: [],
    watchers: [],
    last_asset_event: { id: last?.id ?? null, timestamp: dateOrNull(last?.at ?? null) },
  };
};

const renderEvent = (world: World, event: AssetEventRecord): object => ({
  id: event.id,
  asset_id: event.asset.id,
  uri: event.asset.uri,
  name: event.asset.uri,
  group: "asset",
  extra: event.extra,
  source_task_id: event.sourceTaskId,
  source_dag_id: event.sourceDagId,
  source_run_id: event.sourceRunId,
  source_map_index: event.sourceMapIndex,
  created_dagruns: event.createdRuns.flatMap(({ dagId, runId }) => {
    const run = findRun(world, dagId, runId);
    if (run === undefined) return [];
    return [
      {
        run_id: runId,
        dag_id: dagId,
        logical_date: dateOrNull(run.logicalAt),
        start_date: dateOrNull(run.startAt),
        end_date: dateOrNull(run.endAt),
        state: run.state,
        data_interval_start: dateOrNull(run.intervalStart),
        data_interval_end: dateOrNull(run.intervalEnd),
        partition_key: null,
        triggering: true,
      },
    ];
  }),
  timestamp: toZuluDate(event.at),
  partition_key: null,
});

const listAssets = ({ deployment: { world, settings }, request: { query } }: V2Call): Answer => {
  const page = pageOf(query, settings.maximumPageLimit);
  const found = [...world.assets.values()].filter(
    (asset) =>
      matchesPattern(asset.uri, query.get("uri_pattern")) && matchesPattern(asset.uri, query.get("name_pattern")),
  );
  const rows = sortBy(
    found,
    orderingOf(
      query.getAll("order_by"),
      { id: (row) => row.id, name: (row) => row.uri, uri: (row) => row.uri },
      (row) => row.id,
    ),
  );
  return json(200, { assets: slice(rows, page).map((row) => renderAsset(world, row)), total_entries: rows.length });
};

const getAsset = (call: V2Call): Answer => {
  const id = param(call, "asset_id");
  const { world } = call.deployment;
  return json(
    200,
    renderAsset(world, assetById(world, id) ?? refuse(404, `The Asset with ID: \`${id}\` was not found`)),
  );
};

const listEvents = ({ deployment: { world, settings }, request: { query } }: V2Call): Answer => {
  const page = pageOf(query, settings.maximumPageLimit);
  const id = query.get("asset_id");
  const found = world.assetEvents.filter((event) => id === null || String(event.asset.id) === id);
  const rows = sortBy(
    found,
    orderingOf(query.getAll("order_by"), { id: (row) => row.id, timestamp: (row) => row.at }, (row) => row.at),
  );
  return json(200, {
    asset_events: slice(rows, page).map((row) => renderEvent(world, row)),
    total_entries: rows.length,
  });
};

const createEvent = (call: V2Call): Answer => {
  const { world, scheduler } = call.deployment;
  const body = readBody(call.request, {
    asset_id: { type: "int", isRequired: true },
    extra: { type: "dict" },
    partition_key: { type: "string", isNullable: true },
  });
  const id = numberOf(body, "asset_id");
  const asset = assetById(world, String(id)) ?? refuse(404, `Asset with ID: \`${id}\` was not found`);
  const event = recordAssetEvent(world, scheduler, {
    asset,
    extra: { ...objectOf(body, "extra"), from_rest_api: true },
  });
  return json(200, renderEvent(world, event));
};

const materialize = (call: V2Call): Answer => {
  const { world, scheduler } = call.deployment;
  const id = param(call, "asset_id");
  const asset = assetById(world, id);
  const [producer, ...others] = asset === undefined ? [] : producersOf(world, asset);
  if (producer === undefined) return refuse(404, `No Dag materializes asset with ID: ${id}`);
  if (others.some(({ dag }) => dag !== producer.dag))
    refuse(409, `More than one Dag materializes asset with ID: ${id}`);
  const at = uniqueNow(world);
  const run = createRun(world, {
    dag: producer.dag,
    runId: `asset_materialization__${toOffsetDate(at)}`,
    runType: "asset_materialization",
    logicalAt: null,
    intervalStart: null,
    intervalEnd: null,
    runAfter: at,
    at: uniqueNow(world),
    triggeredBy: "rest_api",
    triggeringUser: call.user,
  });
  scheduler.poke(run);
  return json(200, renderRun(world, run));
};

const upstreamEvents = (call: V2Call): Answer => {
  const { world } = call.deployment;
  const run = runOr404(call);
  const rows = world.assetEvents.filter((event) =>
    event.createdRuns.some(({ runId, dagId }) => runId === run.runId && dagId === run.dag.dagId),
  );
  return json(200, { asset_events: rows.map((row) => renderEvent(world, row)), total_entries: rows.length });
};

export const assetRoutes: readonly V2Route[] = [
  { method: "GET", path: "/assets", handle: listAssets },
  { method: "GET", path: "/assets/events", handle: listEvents },
  { method: "POST", path: "/assets/events", event: "create_asset_event", handle: createEvent },
  { method: "GET", path: "/assets/{asset_id}", handle: getAsset },
  { method: "POST", path: "/assets/{asset_id}/materialize", event: "materialize_asset", handle: materialize },
  { method: "GET", path: "/dags/{dag_id}/dagRuns/{dag_run_id}/upstreamAssetEvents", handle: upstreamEvents },
];
