import { type Answer, json, text } from "../http/answer.ts";
import type { PoolRecord } from "../world/house-records.ts";
import { slotsOf } from "../world/pool-slots.ts";
import type { World } from "../world/world.ts";
import { type Body, type BodySpec, flagOf, numberOf, readBody, textOf } from "./body.ts";
import { bulkRoute } from "./bulk.ts";
import { conflict, refuse } from "./detail.ts";
import { matchesPattern, orderingOf, pageOf, slice, sortBy } from "./query.ts";
import { param, type V2Call, type V2Route } from "./route.ts";

const CREATE: BodySpec = {
  name: { type: "string", isRequired: true, maxLength: 256 },
  slots: { type: "int", isRequired: true },
  description: { type: "string", isNullable: true },
  include_deferred: { type: "bool" },
  team_name: { type: "string", isNullable: true },
};

const PATCH: BodySpec = {
  name: { type: "string", isNullable: true },
  pool: { type: "string", isNullable: true },
  slots: { type: "int", isNullable: true },
  description: { type: "string", isNullable: true },
  include_deferred: { type: "bool", isNullable: true },
  team_name: { type: "string", isNullable: true },
};

const render = (world: World, pool: PoolRecord): object => {
  const slots = slotsOf(world, pool);
  return {
    name: pool.name,
    slots: pool.slots,
    description: pool.description,
    include_deferred: pool.includeDeferred,
    occupied_slots: slots.running + slots.queued,
    running_slots: slots.running,
    queued_slots: slots.queued,
    scheduled_slots: slots.scheduled,
    open_slots: slots.open,
    deferred_slots: slots.deferred,
    team_name: null,
  };
};

const poolOr404 = (call: V2Call): PoolRecord => {
  const name = param(call, "pool_name");
  return call.deployment.world.pools.get(name) ?? refuse(404, `The Pool with name: \`${name}\` was not found`);
};

const toRecord = (body: Body): PoolRecord => ({
  name: textOf(body, "name") ?? "",
  slots: numberOf(body, "slots") ?? 0,
  description: textOf(body, "description") ?? null,
  includeDeferred: flagOf(body, "include_deferred") ?? false,
});

const assign = (pool: PoolRecord, body: Body, mask: readonly string[]): void => {
  const takes = (name: string): boolean => name in body && (mask.length === 0 || mask.includes(name));
  if (takes("slots")) pool.slots = numberOf(body, "slots") ?? pool.slots;
  if (takes("description")) pool.description = textOf(body, "description") ?? null;
  if (takes("include_deferred")) pool.includeDeferred = flagOf(body, "include_deferred") ?? pool.includeDeferred;
};

const listPools = ({ deployment: { world, settings }, request: { query } }: V2Call): Answer => {
  const page = pageOf(query, settings.maximumPageLimit);
  const all = [...world.pools.values()].filter((pool) => matchesPattern(pool.name, query.get("pool_name_pattern")));
  const keys = {
    id: (row: PoolRecord) => all.indexOf(row),
    name: (row: PoolRecord) => row.name,
    pool: (row: PoolRecord) => row.name,
    slots: (row: PoolRecord) => row.slots,
  };
  const rows = sortBy(
    all,
    orderingOf(query.getAll("order_by"), keys, (row) => all.indexOf(row)),
  );
  return json(200, { pools: slice(rows, page).map((pool) => render(world, pool)), total_entries: rows.length });
};

const createPool = (call: V2Call): Answer => {
  const { world } = call.deployment;
  const pool = toRecord(readBody(call.request, CREATE));
  if (world.pools.has(pool.name)) conflict();
  world.pools.set(pool.name, pool);
  return json(201, render(world, pool));
};

/** Even with a mask the whole pool has to be sent: a mask alone is refused as incomplete. */
const checkWhole = (body: Body): void => {
  const missing = [
    { key: "pool", isThere: "pool" in body || "name" in body },
    { key: "slots", isThere: "slots" in body },
    { key: "include_deferred", isThere: "include_deferred" in body },
  ].filter(({ isThere }) => !isThere);
  if (missing.length === 0) return;
  refuse(
    422,
    missing.map(({ key }) => ({ type: "missing", loc: [key], msg: "Field required", input: body })),
  );
};

const patchPool = (call: V2Call): Answer => {
  const { world, scheduler } = call.deployment;
  const body = readBody(call.request, PATCH);
  const name = param(call, "pool_name");
  const given = textOf(body, "pool") ?? textOf(body, "name");
  if (given !== undefined && given !== name)
    refuse(400, "Invalid body, pool name from request body doesn't match uri parameter");
  const pool = poolOr404(call);
  const mask = call.request.query.getAll("update_mask").flatMap((field) => field.split(","));
  // The default pool is an exception: its slots may be sent alone.
  if (name !== "default_pool" || mask.length === 0) checkWhole(body);
  assign(pool, body, mask);
  scheduler.pokeAll();
  return json(200, render(world, pool));
};

const deletePool = (call: V2Call): Answer => {
  if (param(call, "pool_name") === "default_pool") refuse(400, "Default Pool can't be deleted");
  call.deployment.world.pools.delete(poolOr404(call).name);
  return text(204, "", "application/json");
};

export const poolRoutes: readonly V2Route[] = [
  { method: "GET", path: "/pools", handle: listPools },
  { method: "POST", path: "/pools", event: "post_pool", handle: createPool },
  bulkRoute({
    path: "/pools",
    noun: "pools",
    keyName: "name",
    keysNoun: "pool names",
    spec: CREATE,
    rows: (world) => world.pools,
    create: toRecord,
    update: (row, body) => assign(row, body, []),
  }),
  {
    method: "GET",
    path: "/pools/{pool_name:path}",
    handle: (call) => json(200, render(call.deployment.world, poolOr404(call))),
  },
  { method: "PATCH", path: "/pools/{pool_name:path}", event: "patch_pool", handle: patchPool },
  { method: "DELETE", path: "/pools/{pool_name:path}", event: "delete_pool", handle: deletePool },
];
