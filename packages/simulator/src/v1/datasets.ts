import { toOffsetDate } from "../clock/instant.ts";
import { type Answer, json } from "../http/answer.ts";
import { recordAssetEvent } from "../scheduler/asset-updates.ts";
import { consumersOf, producersOf } from "../world/asset-links.ts";
import type { AssetEventRecord, AssetRecord } from "../world/house-records.ts";
import { findRun, type World } from "../world/world.ts";
import { objectOf, readBody, textOf } from "./body.ts";
import { refuse } from "./problem.ts";
import { pageOf, slice, sortRows } from "./query.ts";
import { dateOrNull, renderRun } from "./render-run.ts";
import { ORDERED_PAGE, param, type V1Call, type V1Route } from "./route.ts";
import { runOr404 } from "./runs.ts";

const renderDataset = (world: World, asset: AssetRecord): object => {
  const since = { created_at: toOffsetDate(asset.createdAt), updated_at: toOffsetDate(asset.createdAt) };
  return {
    aliases: [],
    consuming_dags: consumersOf(world, asset.uri).map((dag) => ({ ...since, dag_id: dag.dagId })),
    created_at: toOffsetDate(asset.createdAt),
    extra: {},
    id: asset.id,
    producing_tasks: producersOf(world, asset).map(({ dag, taskId }) => ({
      ...since,
      dag_id: dag.dagId,
      task_id: taskId,
    })),
    updated_at: toOffsetDate(asset.updatedAt),
    uri: asset.uri,
  };
};

const renderEvent = (world: World, event: AssetEventRecord): object => ({
  created_dagruns: event.createdRuns.flatMap(({ dagId, runId }) => {
    const run = findRun(world, dagId, runId);
    return run === undefined ? [] : [{ ...renderRun(world, run), start_date: dateOrNull(run.startAt) }];
  }),
  dataset_id: event.asset.id,
  dataset_uri: event.asset.uri,
  extra: event.extra,
  id: event.id,
  source_dag_id: event.sourceDagId,
  source_map_index: event.sourceMapIndex,
  source_run_id: event.sourceRunId,
  source_task_id: event.sourceTaskId,
  timestamp: toOffsetDate(event.at),
});

const listDatasets = ({ deployment: { world, settings }, request: { query } }: V1Call): Answer => {
  const page = pageOf(query, settings.maximumPageLimit);
  const pattern = query.get("uri_pattern") ?? "";
  const found = [...world.assets.values()].filter((asset) => asset.uri.includes(pattern));
  const rows = sortRows(found, query.get("order_by") ?? "id", { id: (row) => row.id, uri: (row) => row.uri });
  return json(200, { datasets: slice(rows, page).map((row) => renderDataset(world, row)), total_entries: rows.length });
};

const listEvents = ({ deployment: { world, settings }, request: { query } }: V1Call): Answer => {
  const page = pageOf(query, settings.maximumPageLimit);
  const id = query.get("dataset_id");
  const found = world.assetEvents.filter((event) => id === null || String(event.asset.id) === id);
  const rows = sortRows(found, query.get("order_by") ?? "timestamp", {
    timestamp: (row) => row.at,
    id: (row) => row.id,
  });
  return json(200, {
    dataset_events: slice(rows, page).map((row) => renderEvent(world, row)),
    total_entries: rows.length,
  });
};

const createEvent = (call: V1Call): Answer => {
  const { world, scheduler } = call.deployment;
  const body = readBody(call.request, {
    dataset_uri: { type: "string", isRequired: true },
    extra: { type: "object", isNullable: true },
  });
  const asset = world.assets.get(textOf(body, "dataset_uri") ?? "");
  if (asset === undefined)
    return refuse(404, {
      title: "Dataset not found",
      detail: `Dataset with uri: '${textOf(body, "dataset_uri")}' not found`,
    });
  const event = recordAssetEvent(world, scheduler, {
    asset,
    extra: { from_rest_api: true, ...objectOf(body, "extra") },
  });
  return json(200, renderEvent(world, event));
};

const upstreamEvents = (call: V1Call): Answer => {
  const { world } = call.deployment;
  const run = runOr404(call);
  const rows = world.assetEvents.filter((event) =>
    event.createdRuns.some(({ runId, dagId }) => runId === run.runId && dagId === run.dag.dagId),
  );
  return json(200, { dataset_events: rows.map((row) => renderEvent(world, row)), total_entries: rows.length });
};

const getDataset = (call: V1Call): Answer => {
  const uri = param(call, "uri");
  const asset = call.deployment.world.assets.get(uri);
  return asset === undefined
    ? refuse(404, { title: "Dataset not found", detail: `The Dataset with uri: \`${uri}\` was not found` })
    : json(200, renderDataset(call.deployment.world, asset));
};

export const datasetRoutes: readonly V1Route[] = [
  {
    method: "GET",
    path: "/datasets",
    query: { ...ORDERED_PAGE, uri_pattern: "string", dag_ids: "string" },
    handle: listDatasets,
  },
  {
    method: "GET",
    path: "/datasets/events",
    query: {
      ...ORDERED_PAGE,
      dataset_id: "integer",
      source_dag_id: "string",
      source_task_id: "string",
      source_run_id: "string",
      source_map_index: "integer",
    },
    handle: listEvents,
  },
  { method: "POST", path: "/datasets/events", event: "api.create_dataset_event", handle: createEvent },
  { method: "GET", path: "/dags/{dag_id}/dagRuns/{dag_run_id}/upstreamDatasetEvents", handle: upstreamEvents },
  { method: "GET", path: "/datasets/{uri:path}", handle: getDataset },
];
