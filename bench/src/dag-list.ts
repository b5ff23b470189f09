import { createDatabase, dropDatabase, ensurePostgres, withDatabase } from "@airfleet/tools-engines";
import { Pool } from "undici";
import { serveAirfleet } from "./airfleet.ts";
import { waitUntilSwept } from "./fanout/wait-until-swept.ts";
import { startFleet } from "./fleet/start-fleet.ts";
import { percentile, round } from "./measure.ts";
import type { Bench, BenchRow } from "./result.ts";

const INSTANCES = 20;
const QUERIES = [
  ["first page", "/api/v1/dags?limit=50"],
  ["by tag", "/api/v1/dags?limit=50&tag=tier1"],
  ["paused on one instance", "/api/v1/dags?limit=50&paused=true&instance=sim-03"],
  ["by text", "/api/v1/dags?limit=50&text=pipeline_009"],
] as const;

interface Listed {
  readonly items: readonly unknown[];
  readonly next_cursor: string | null;
}

/** p95 of each query, the pages after the first included for the plain one. */
const timeQueries = async (url: string, requests: number): Promise<ReadonlyMap<string, number>> => {
  const pool = new Pool(url);
  const p95 = new Map<string, number>();
  for (const [name, path] of QUERIES) {
    const times: number[] = [];
    let cursor: string | null = null;
    for (let index = 0; index < requests + 10; index += 1) {
      const started = performance.now();
      const answer = await pool.request({
        path: cursor === null ? path : `${path}&cursor=${encodeURIComponent(cursor)}`,
        method: "GET",
      });
      const page = (await answer.body.json()) as Listed;
      if (answer.statusCode !== 200 || (cursor === null && page.items.length === 0))
        throw new Error(`${path} answered ${answer.statusCode}`);
      if (index >= 10) times.push(performance.now() - started);
      cursor = page.next_cursor;
    }
    p95.set(name, percentile(times, 0.95));
  }
  await pool.close();
  return p95;
};

const measure = async (
  dags: number,
  port: number,
  requests: number,
  databaseUrl: string | undefined,
): Promise<ReadonlyMap<string, number>> => {
  await using fleet = await startFleet(INSTANCES, dags, { sweep_seconds: 86_400 });
  await using airfleet = await serveAirfleet({
    port,
    configuration: {
      server: { log_level: "warn" },
      instances: fleet.configuration,
      ...(databaseUrl === undefined ? {} : { store: { url: databaseUrl } }),
    },
    env: { AIRFLEET_SECRET_KEY: "YmVuY2gtYmVuY2gtYmVuY2gtYmVuY2gtYmVuY2gtMTI=" },
  });
  await waitUntilSwept(airfleet.url, { deadlineMs: 600_000 });
  // Awaited here: the server is stopped when this function is left.
  return await timeQueries(airfleet.url, requests);
};

/** The seed's answer to the same question: ask every instance, each time. */
const timeLive = async (port: number): Promise<number> => {
  await using fleet = await startFleet(INSTANCES, 1_000, { sweep_seconds: 86_400 });
  await using airfleet = await serveAirfleet({
    port,
    configuration: { server: { log_level: "warn" }, instances: fleet.configuration },
  });
  const times: number[] = [];
  for (let index = 0; index < 3; index += 1) {
    const started = performance.now();
    await (await fetch(`${airfleet.url}/api/dags`)).arrayBuffer();
    times.push(performance.now() - started);
  }
  return percentile(times, 0.5);
};

const rowsFor = (
  store: string,
  one: ReadonlyMap<string, number>,
  ten: ReadonlyMap<string, number>,
  liveMs: number,
): BenchRow[] =>
  QUERIES.flatMap(([name]) => {
    const small = one.get(name) ?? Number.NaN;
    const large = ten.get(name) ?? Number.NaN;
    return [
      {
        what: `${store}, 20 × 1,000 DAGs, ${name}: p95`,
        ours: `${round(small, 2)} ms`,
        baseline: `${round(liveMs)} ms asking the instances`,
        ratio: small / liveMs,
        target: "< 100 ms",
        reached: small < 100,
      },
      {
        what: `${store}, 20 × 10,000 DAGs, ${name}: p95`,
        ours: `${round(large, 2)} ms`,
        baseline: `${round(small, 2)} ms with a tenth of the DAGs`,
        ratio: large / small,
        target: "< 2",
        reached: large / small < 2,
      },
    ];
  });

/** F3: the fleet's DAG list from the store, and how it grows. */
export const dagList: Bench = {
  name: "dag-list",
  claim: "GET /api/v1/dags over 20 instances from the store, on SQLite and PostgreSQL, and with ten times the DAGs",
  run: async ({ quick }) => {
    const requests = quick ? 50 : 200;
    const liveMs = await timeLive(26_500);
    const sqlite = rowsFor(
      "SQLite",
      await measure(1_000, 26_501, requests, undefined),
      await measure(10_000, 26_502, requests, undefined),
      liveMs,
    );
    await using postgres = await ensurePostgres();
    const rows: BenchRow[] = [...sqlite];
    const figures: ReadonlyMap<string, number>[] = [];
    for (const [index, dags] of [1_000, 10_000].entries()) {
      const name = `airfleet_bench_${process.pid}_${index}`;
      await createDatabase(postgres.url, name);
      try {
        figures.push(await measure(dags, 26_503 + index, requests, withDatabase(postgres.url, name)));
      } finally {
        await dropDatabase(postgres.url, name);
      }
    }
    const [one, ten] = figures;
    if (one !== undefined && ten !== undefined) rows.push(...rowsFor("PostgreSQL", one, ten, liveMs));
    return rows;
  },
};
