import { setTimeout as delay } from "node:timers/promises";
import { type RunningAirflow, startAirflow } from "@airfleet/tools-engines";
import { serveAirfleet } from "./airfleet.ts";
import { waitUntilSwept } from "./fanout/wait-until-swept.ts";
import { startFleet } from "./fleet/start-fleet.ts";
import { round } from "./measure.ts";
import { treeCpuMs } from "./process-tree.ts";
import type { Bench, BenchRow } from "./result.ts";

const webServerOf = (engine: RunningAirflow): number => {
  const pid = engine.pids[engine.generation === 2 ? "webserver" : "api-server"];
  if (pid === undefined) throw new Error(`${engine.id} has no web server`);
  return pid;
};

const shareOfServer = async (generation: 2 | 3, port: number, watchMs: number): Promise<BenchRow> => {
  await using engine = await startAirflow({ generation });
  const pid = webServerOf(engine);
  await delay(15_000);
  const idleBefore = treeCpuMs(pid);
  await delay(watchMs);
  const idle = (treeCpuMs(pid) - idleBefore) / watchMs;
  await using airfleet = await serveAirfleet({
    port,
    configuration: {
      server: { log_level: "warn" },
      instances: [
        { id: "real", url: engine.url, auth: { type: "basic", username: engine.username, password: engine.password } },
      ],
    },
  });
  await waitUntilSwept(airfleet.url);
  const before = treeCpuMs(pid);
  await delay(watchMs);
  const polled = (treeCpuMs(pid) - before) / watchMs;
  const taken = polled - idle;
  return {
    what: `Airflow ${engine.version} web server's CPU that we take`,
    ours: `${round(polled * 100, 2)} % of a core while polled`,
    baseline: `${round(idle * 100, 2)} % unpolled`,
    ratio: taken,
    target: "≤ 0.05",
    reached: taken <= 0.05,
  };
};

/** Calls about DAGs and runs that one whole sweep over 1,000 DAGs costs each instance, its first reading of runs included. */
const callsPerSweep = async (port: number): Promise<BenchRow> => {
  await using fleet = await startFleet(20, 1_000, { sweep_seconds: 86_400 });
  await using airfleet = await serveAirfleet({
    port,
    configuration: { server: { log_level: "warn" }, instances: fleet.configuration },
  });
  await waitUntilSwept(airfleet.url);
  const most = Math.max(...Object.values(await fleet.requests()).map((count) => count.work));
  return {
    what: "calls of a sweep over 1,000 DAGs, the run feed included, most of 20 instances",
    ours: `${most}`,
    baseline: "10 pages of 100 at least",
    ratio: most / 10,
    target: "≤ 15",
    reached: most <= 15,
  };
};

/** F4: what keeping the fleet fresh costs those who are asked. */
export const pollCost: Bench = {
  name: "poll-cost",
  claim: "Calls per sweep, and the share of a real server's CPU that polling takes",
  run: async ({ quick }) => {
    const watchMs = quick ? 60_000 : 180_000;
    return [
      await callsPerSweep(26_701),
      await shareOfServer(2, 26_702, watchMs),
      await shareOfServer(3, 26_703, watchMs),
    ];
  },
};
