import { type Answer, html, json } from "../http/answer.ts";
import { pythonRepr } from "../http/python-text.ts";
import type { PoolRecord } from "../world/house-records.ts";
import { slotsOf } from "../world/pool-slots.ts";
import type { World } from "../world/world.ts";
import { type BodySpec, flagOf, numberOf, readBody, textOf } from "./body.ts";
import { badRequest, refuse } from "./problem.ts";
import { list, pageOf, slice, sortRows } from "./query.ts";
import { ORDERED_PAGE, param, type V1Call, type V1Route } from "./route.ts";

const BODY: BodySpec = {
  name: { type: "string" },
  slots: { type: "integer" },
  description: { type: "string", isNullable: true },
  include_deferred: { type: "boolean" },
};

const render = (world: World, pool: PoolRecord): object => {
  const slots = slotsOf(world, pool);
  return {
    deferred_slots: slots.deferred,
    description: pool.description,
    include_deferred: pool.includeDeferred,
    name: pool.name,
    occupied_slots: slots.running + slots.queued,
    open_slots: slots.open,
    queued_slots: slots.queued,
    running_slots: slots.running,
    scheduled_slots: slots.scheduled,
    slots: pool.slots,
  };
};

/** A pool whose name has a slash can be made but never addressed: the route does not take slashes. */
const poolOr404 = (call: V1Call): PoolRecord => {
  const name = param(call, "pool_name");
  return (
    call.deployment.world.pools.get(name) ??
    refuse(404, { title: "Not Found", detail: `Pool with name:'${name}' not found` })
  );
};

const listPools = ({ deployment: { world, settings }, request: { query } }: V1Call): Answer => {
  const page = pageOf(query, settings.maximumPageLimit);
  const all = [...world.pools.values()];
  const rows = sortRows(all, query.get("order_by") ?? "id", {
    id: (row) => all.indexOf(row),
    name: (row) => row.name,
    slots: (row) => row.slots,
  });
  return json(200, { pools: slice(rows, page).map((pool) => render(world, pool)), total_entries: rows.length });
};

const createPool = (call: V1Call): Answer => {
  const { world } = call.deployment;
  const body = readBody(call.request, BODY);
  const missing = ["name", "slots"].filter((name) => !(name in body));
  if (missing.length > 0) badRequest(`Missing required property(ies): ${pythonRepr(missing)}`);
  const name = textOf(body, "name") ?? "";
  if (world.pools.has(name)) refuse(409, { detail: `Pool: ${name} already exists` });
  const pool: PoolRecord = {
    name,
    slots: numberOf(body, "slots") ?? 0,
    description: textOf(body, "description") ?? null,
    includeDeferred: flagOf(body, "include_deferred") ?? false,
  };
  world.pools.set(name, pool);
  return json(200, render(world, pool));
};

const patchPool = (call: V1Call): Answer => {
  const { world, scheduler } = call.deployment;
  const body = readBody(call.request, BODY);
  const pool = poolOr404(call);
  const mask = list(call.request.query, "update_mask");
  if (
    pool.name === "default_pool" &&
    ["name", "description"].some(
      (name) =>
        name in body &&
        (mask.length === 0 || mask.includes(name)) &&
        name === "name" &&
        textOf(body, name) !== pool.name,
    )
  ) {
    badRequest("Default Pool's name can't be modified");
  }
  if (mask.length === 0) {
    const missing = ["name", "slots"].filter((name) => !(name in body));
    if (missing.length > 0) badRequest(`Missing required property(ies): ${pythonRepr(missing)}`);
  }
  const takes = (name: string): boolean => name in body && (mask.length === 0 || mask.includes(name));
  if (takes("slots")) pool.slots = numberOf(body, "slots") ?? pool.slots;
  if (takes("description")) pool.description = textOf(body, "description") ?? null;
  if (takes("include_deferred")) pool.includeDeferred = flagOf(body, "include_deferred") ?? pool.includeDeferred;
  if (takes("name")) {
    world.pools.delete(pool.name);
    pool.name = textOf(body, "name") ?? pool.name;
    world.pools.set(pool.name, pool);
  }
  scheduler.pokeAll();
  return json(200, render(world, pool));
};

const deletePool = (call: V1Call): Answer => {
  if (param(call, "pool_name") === "default_pool") badRequest("Default Pool can't be deleted");
  call.deployment.world.pools.delete(poolOr404(call).name);
  return html(204, "");
};

export const poolRoutes: readonly V1Route[] = [
  { method: "GET", path: "/pools", query: ORDERED_PAGE, handle: listPools },
  { method: "POST", path: "/pools", event: "api.post_pool", handle: createPool },
  {
    method: "GET",
    path: "/pools/{pool_name}",
    handle: (call) => json(200, render(call.deployment.world, poolOr404(call))),
  },
  {
    method: "PATCH",
    path: "/pools/{pool_name}",
    query: { update_mask: "string" },
    event: "api.patch_pool",
    handle: patchPool,
  },
  { method: "DELETE", path: "/pools/{pool_name}", event: "api.delete_pool", handle: deletePool },
];
