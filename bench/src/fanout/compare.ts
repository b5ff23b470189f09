import path from "node:path";
import { Pool } from "undici";
import { serveAirfleet } from "../airfleet.ts";
import { startChild } from "../child.ts";
import { waitUntilSwept } from "./wait-until-swept.ts";
import { cpuMs, median, peakRssMb, percentile } from "../measure.ts";

const here = import.meta.dirname;

/** One way's figures over all repetitions. */
export interface FanoutFigures {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly cpuMsPerRequest: number;
  readonly peakRssMb: number;
  readonly bodyKb: number;
}

export interface FanoutCase {
  readonly instances: number;
  readonly dagsPerInstance: number;
  readonly latencyMs: number;
  readonly repetitions: number;
  readonly requests: number;
  readonly firstPort: number;
}

interface Way {
  readonly name: "seed" | "airfleet";
  readonly pid: number;
  readonly pool: Pool;
  readonly times: number[];
  readonly cpu: number[];
  bodyBytes: number;
}

const get = async (pool: Pool): Promise<number> => {
  const answer = await pool.request({ path: "/api/dags", method: "GET" });
  const body = await answer.body.arrayBuffer();
  if (answer.statusCode !== 200) throw new Error(`/api/dags answered ${answer.statusCode}`);
  return body.byteLength;
};

const repeat = async (way: Way, requests: number): Promise<void> => {
  const before = cpuMs(way.pid);
  for (let index = 0; index < requests; index += 1) {
    const started = performance.now();
    way.bodyBytes = await get(way.pool);
    way.times.push(performance.now() - started);
  }
  way.cpu.push((cpuMs(way.pid) - before) / requests);
};

const figures = (way: Way): FanoutFigures => ({
  p50Ms: percentile(way.times, 0.5),
  p95Ms: percentile(way.times, 0.95),
  cpuMsPerRequest: median(way.cpu),
  peakRssMb: peakRssMb(way.pid),
  bodyKb: way.bodyBytes / 1_024,
});

/** Puts both ways before the same stubs and lets them answer in turn, so that what disturbs one disturbs the other. */
export const compareFanout = async (wanted: FanoutCase): Promise<Readonly<Record<Way["name"], FanoutFigures>>> => {
  const { instances, firstPort } = wanted;
  await using stubs = await startChild({
    args: [
      path.join(here, "stub-airflows.ts"),
      ...[firstPort, instances, wanted.latencyMs, wanted.dagsPerInstance].map(String),
    ],
    ready: /stubs ready/,
  });
  await using seed = await startChild({
    args: [path.join(here, "seed-way.ts"), String(firstPort + 500), String(firstPort), String(instances)],
    ready: /seed ready/,
  });
  await using airfleet = await serveAirfleet({ port: firstPort + 501, configuration: fleetOf(instances, firstPort) });
  await waitUntilSwept(airfleet.url);
  const ways: Way[] = [
    {
      name: "seed",
      pid: seed.pid,
      pool: new Pool(`http://127.0.0.1:${firstPort + 500}`),
      times: [],
      cpu: [],
      bodyBytes: 0,
    },
    { name: "airfleet", pid: airfleet.pid, pool: new Pool(airfleet.url), times: [], cpu: [], bodyBytes: 0 },
  ];
  for (const way of ways) for (let warm = 0; warm < 5; warm += 1) await get(way.pool);
  for (let repetition = 0; repetition < wanted.repetitions; repetition += 1) {
    for (const way of ways) await repeat(way, wanted.requests);
  }
  const [first, second] = ways.map(figures);
  await Promise.all(ways.map((way) => way.pool.close()));
  if (first === undefined || second === undefined || stubs.pid === 0) throw new Error("nothing was measured");
  return { seed: first, airfleet: second };
};

/** A fleet of stubs whose DAG lists are swept once, so that polling does not blur what is measured. */
export const fleetOf = (count: number, firstPort: number): Readonly<Record<string, unknown>> => ({
  server: { log_level: "warn" },
  instances: Array.from({ length: count }, (_, index) => ({
    id: `client${index}`,
    url: `http://127.0.0.1:${firstPort + index}`,
    auth: { type: "basic", username: "admin", password: "admin" },
    limits: { sweep_seconds: 86_400 },
  })),
});
