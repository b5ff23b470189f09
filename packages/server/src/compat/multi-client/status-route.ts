import { type ClientResult, countsOf } from "./envelope.ts";
import { listDagsOf, type ListedDag } from "./listed-dags.ts";
import type { SeedRoute } from "./seed-route.ts";

const statusOfDags = (dags: readonly ListedDag[]): object => {
  const paused = dags.filter((dag) => dag.is_paused === true).length;
  return {
    total_dags: dags.length,
    paused_dags: paused,
    active_dags: dags.length - paused,
    dags: dags.map((dag) => ({
      dag_id: dag.dag_id,
      is_paused: dag.is_paused ?? false,
      is_active: dag.is_active ?? true,
      last_parsed_time: dag.last_parsed_time ?? null,
      tags: dag.tags ?? [],
    })),
  };
};

/** The items stand under `clients` here, and carry `status` where others carry `data`. */
const present = (results: readonly ClientResult[], frame: Readonly<Record<string, unknown>>): object => ({
  timestamp: new Date().toISOString(),
  ...countsOf(results),
  ...frame,
  clients: results.map((result) => ({
    client_id: result.client.id,
    client_name: result.client.name,
    success: result.success,
    ...(result.success ? { status: result.data } : { error: result.error, code: result.code }),
  })),
});

export const statusRoute: SeedRoute = {
  kind: "fan-out",
  method: "GET",
  path: "/api/disaster-recovery/status",
  permission: "dag:read",
  plan: ({ control }) => ({
    present,
    ask: async (client, options) => ({
      client,
      success: true,
      data: statusOfDags(await listDagsOf(control, client, options)),
    }),
  }),
};
