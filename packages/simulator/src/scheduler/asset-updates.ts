import { type Micros, toOffsetDate } from "../clock/instant.ts";
import { consumersOf } from "../world/asset-links.ts";
import { hashOf } from "../world/chance.ts";
import type { AssetEventRecord, AssetRecord } from "../world/house-records.ts";
import type { TaskRecord } from "../world/task-record.ts";
import { uniqueNow, type World } from "../world/world.ts";
import { createRun } from "./create-run.ts";
import type { Scheduler } from "./scheduler.ts";

/** Seconds until the scheduler starts what waits for an asset, before the time scale. */
const REACTION_SECONDS = 0.5;

/** The asset of a URI, registered at first sight. */
export const assetOf = (world: World, uri: string, at: Micros): AssetRecord => {
  const known = world.assets.get(uri);
  if (known !== undefined) return known;
  const asset: AssetRecord = { id: world.ids.asset++, uri, createdAt: at, updatedAt: at };
  world.assets.set(uri, asset);
  return asset;
};

const suffixOf = (at: Micros): string => hashOf("asset run", at).toString(36).padStart(8, "0").slice(0, 8);

const startConsumers = (world: World, scheduler: Scheduler, event: AssetEventRecord): void => {
  for (const dag of consumersOf(world, event.asset.uri)) {
    if (dag.paused || !dag.active) continue;
    const at = uniqueNow(world);
    const isFirst = world.generation === 2;
    const run = createRun(world, {
      dag,
      runId: isFirst
        ? `dataset_triggered__${toOffsetDate(at)}`
        : `asset_triggered__${toOffsetDate(at)}_${suffixOf(at)}`,
      runType: "asset_triggered",
      logicalAt: isFirst ? at : null,
      intervalStart: isFirst ? event.at : null,
      intervalEnd: isFirst ? event.at : null,
      runAfter: at,
      at,
      triggeredBy: "asset",
    });
    event.createdRuns.push({ dagId: dag.dagId, runId: run.runId });
    scheduler.poke(run);
  }
};

export interface AssetUpdate {
  readonly asset: AssetRecord;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly source?: TaskRecord;
}

/** Records that an asset changed and starts the DAGs scheduled on it shortly after. */
export const recordAssetEvent = (
  world: World,
  scheduler: Scheduler,
  { asset, extra, source }: AssetUpdate,
): AssetEventRecord => {
  const at = uniqueNow(world);
  asset.updatedAt = at;
  const event: AssetEventRecord = {
    id: world.ids.assetEvent++,
    asset,
    extra,
    at,
    sourceDagId: source?.run.dag.dagId ?? null,
    sourceTaskId: source?.task.taskId ?? null,
    sourceRunId: source?.run.runId ?? null,
    sourceMapIndex: source?.mapIndex ?? -1,
    createdRuns: [],
  };
  world.assetEvents.push(event);
  scheduler.later(REACTION_SECONDS, () => startConsumers(world, scheduler, event));
  return event;
};

/** What a successful task did to its outlets. */
export const updateAssets = (world: World, scheduler: Scheduler, task: TaskRecord): void => {
  for (const uri of task.task.spec.outlets ?? []) {
    recordAssetEvent(world, scheduler, { asset: assetOf(world, uri, world.clock.now()), extra: {}, source: task });
  }
};
