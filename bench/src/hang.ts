import path from "node:path";
import { Pool } from "undici";
import { type ServedAirfleet, serveAirfleet } from "./airfleet.ts";
import { startChild } from "./child.ts";
import { fleetOf } from "./fanout/compare.ts";
import { waitUntilSwept } from "./fanout/wait-until-swept.ts";
import { percentile, round } from "./measure.ts";
import type { Bench } from "./result.ts";

const FIRST_PORT = 25_000;
const HEALTHY = 99;

const timeNative = async (url: string, requests: number): Promise<number> => {
  const pool = new Pool(url);
  const times: number[] = [];
  for (let index = 0; index < requests; index += 1) {
    const started = performance.now();
    const answer = await pool.request({ path: "/api/v1/dags?limit=20", method: "GET" });
    await answer.body.arrayBuffer();
    times.push(performance.now() - started);
  }
  await pool.close();
  return percentile(times.slice(Math.floor(requests / 10)), 0.95);
};

/** F2: one of 100 instances accepts and never answers. */
export const hang: Bench = {
  name: "hang",
  claim: "One hanging instance of 100 delays nobody else",
  run: async ({ quick }) => {
    const requests = quick ? 100 : 300;
    await using stubs = await startChild({
      args: [
        path.join(import.meta.dirname, "fanout/stub-airflows.ts"),
        String(FIRST_PORT),
        String(HEALTHY),
        "20",
        "20",
        "hang",
      ],
      ready: /stubs ready/,
    });
    const serve = async (port: number, instances: number): Promise<{ airfleet: ServedAirfleet; sweptMs: number }> => {
      const started = performance.now();
      const airfleet = await serveAirfleet({ port, configuration: fleetOf(instances, FIRST_PORT) });
      await waitUntilSwept(airfleet.url, { except: [`client${HEALTHY}`] });
      return { airfleet, sweptMs: performance.now() - started };
    };
    const alone = await serve(FIRST_PORT + 501, HEALTHY);
    await using without = alone.airfleet;
    const beside = await serve(FIRST_PORT + 502, HEALTHY + 1);
    await using hanging = beside.airfleet;
    if (stubs.pid === 0) throw new Error("no stubs");
    const p95s = { without: [] as number[], hanging: [] as number[] };
    for (let repetition = 0; repetition < 3; repetition += 1) {
      p95s.without.push(await timeNative(without.url, requests));
      p95s.hanging.push(await timeNative(hanging.url, requests));
    }
    const before = percentile(p95s.without, 0.5);
    const after = percentile(p95s.hanging, 0.5);
    const seedStarted = performance.now();
    const answer = await fetch(`${hanging.url}/api/dags`);
    const body = (await answer.json()) as { readonly successful_clients: number; readonly failed_clients: number };
    const seconds = (performance.now() - seedStarted) / 1_000;
    return [
      {
        what: "native list, p95 with one hanging of 100",
        ours: `${round(after, 2)} ms`,
        baseline: `${round(before, 2)} ms without it`,
        ratio: after / before,
        target: "< 1.2",
        reached: after / before < 1.2,
      },
      {
        what: `start until the other ${HEALTHY} were read`,
        ours: `${round(beside.sweptMs / 1_000)} s`,
        baseline: `${round(alone.sweptMs / 1_000)} s without it`,
        ratio: beside.sweptMs / alone.sweptMs,
        target: "< 1.2",
        reached: beside.sweptMs / alone.sweptMs < 1.2,
      },
      {
        what: "seed route with one hanging of 100",
        ours: `${body.successful_clients} ok, ${body.failed_clients} failed after ${round(seconds)} s`,
        baseline: "30 s deadline",
        ratio: seconds / 30,
        target: "99 ok at ≤ 30.5 s",
        reached: body.successful_clients === HEALTHY && seconds <= 30.5,
      },
    ];
  },
};
