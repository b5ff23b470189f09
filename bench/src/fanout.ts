import { compareFanout } from "./fanout/compare.ts";
import { round } from "./measure.ts";
import type { Bench, BenchRow } from "./result.ts";

const LATENCY_MS = 20;
const PAGE = 100;

const rowsFor = async (instances: number, firstPort: number, quick: boolean): Promise<readonly BenchRow[]> => {
  const requests = Math.max(5, Math.floor((quick ? 300 : 1_200) / instances / 3));
  const { seed, airfleet } = await compareFanout({
    instances,
    dagsPerInstance: PAGE,
    latencyMs: LATENCY_MS,
    repetitions: 3,
    requests: Math.min(40, Math.max(15, requests)),
    firstPort,
  });
  const large = instances >= 100;
  const p50 = seed.p50Ms / airfleet.p50Ms;
  const p95 = seed.p95Ms / airfleet.p95Ms;
  const cpu = airfleet.cpuMsPerRequest / seed.cpuMsPerRequest;
  const memory = airfleet.peakRssMb / seed.peakRssMb;
  const row = (
    what: string,
    ours: number,
    baseline: number,
    ratio: number,
    target: string,
    reached: boolean,
    unit: string,
  ): BenchRow => ({
    what: `${instances} instances, ${Math.round(seed.bodyKb / instances)} kB each: ${what}`,
    ours: `${round(ours)} ${unit}`,
    baseline: `${round(baseline)} ${unit}`,
    ratio,
    target,
    reached,
  });
  return [
    row("p50, times faster", airfleet.p50Ms, seed.p50Ms, p50, large ? "≥ 1.7" : "≥ 1", p50 >= (large ? 1.7 : 1), "ms"),
    row("p95, times faster", airfleet.p95Ms, seed.p95Ms, p95, "≥ 1", p95 >= 1, "ms"),
    row(
      "CPU per request, share",
      airfleet.cpuMsPerRequest,
      seed.cpuMsPerRequest,
      cpu,
      large ? "≤ 0.5" : "≤ 1",
      cpu <= (large ? 0.5 : 1),
      "ms",
    ),
    row(
      "peak memory, share",
      airfleet.peakRssMb,
      seed.peakRssMb,
      memory,
      large ? "≤ 0.6" : "-",
      large ? memory <= 0.6 : true,
      "MB",
    ),
  ];
};

const overheadRow = async (firstPort: number): Promise<BenchRow> => {
  const { seed, airfleet } = await compareFanout({
    instances: 100,
    dagsPerInstance: 1,
    latencyMs: LATENCY_MS,
    repetitions: 3,
    requests: 40,
    firstPort,
  });
  const ours = airfleet.p95Ms - LATENCY_MS;
  const theirs = seed.p95Ms - LATENCY_MS;
  return {
    what: "100 instances, 1 kB each: p95 over the slowest instance",
    ours: `${round(ours)} ms`,
    baseline: `${round(theirs)} ms`,
    ratio: ours / theirs,
    target: "≤ 20 ms",
    reached: ours <= 20,
  };
};

/** F1: the seed's route over many instances, beside the seed's way. */
export const fanout: Bench = {
  name: "fanout",
  claim: "GET /api/dags over 3, 20 and 100 instances beside Express + axios + Promise.all",
  run: async ({ quick }) => [
    ...(await rowsFor(3, 21_000, quick)),
    ...(await rowsFor(20, 22_000, quick)),
    ...(await rowsFor(100, 23_000, quick)),
    await overheadRow(24_000),
  ],
};
