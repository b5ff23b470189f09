import { setTimeout as delay } from "node:timers/promises";
import { serveAirfleet } from "./airfleet.ts";
import { startChild } from "./child.ts";
import { waitUntilSwept } from "./fanout/wait-until-swept.ts";
import { startFleet } from "./fleet/start-fleet.ts";
import { cpuMs, peakRssMb, round, rssMb } from "./measure.ts";
import type { Bench } from "./result.ts";

const BARE_NODE = "process.stdout.write('up\\n'); setInterval(() => undefined, 1000)";

/** F5: what the server holds in memory, idle and with a fleet; F4's CPU of ours beside it. */
export const memory: Bench = {
  name: "memory",
  claim: "Memory and CPU of the server, idle and keeping 20 × 1,000 DAGs fresh",
  run: async ({ quick }) => {
    const watchMs = quick ? 20_000 : 120_000;
    await using bare = await startChild({ args: ["-e", BARE_NODE], ready: /up/ });
    const bareMb = rssMb(bare.pid);
    let idleMb: number;
    {
      await using idle = await serveAirfleet({ port: 26_601, configuration: { server: { log_level: "warn" } } });
      await delay(10_000);
      idleMb = rssMb(idle.pid);
    }
    await using fleet = await startFleet(20, 1_000);
    await using airfleet = await serveAirfleet({
      port: 26_602,
      configuration: { server: { log_level: "warn" }, instances: fleet.configuration },
    });
    await waitUntilSwept(airfleet.url);
    const before = cpuMs(airfleet.pid);
    const askedBefore = await fleet.requests();
    await delay(watchMs);
    const share = (cpuMs(airfleet.pid) - before) / watchMs;
    const asked = await fleet.requests();
    const perMinute = Object.entries(asked).map(
      ([id, count]) => ((count.all - (askedBefore[id]?.all ?? 0)) * 60_000) / watchMs,
    );
    const loadedMb = rssMb(airfleet.pid);
    return [
      {
        what: "idle, resident",
        ours: `${round(idleMb)} MB`,
        baseline: `${round(bareMb)} MB bare Node`,
        ratio: idleMb / bareMb,
        target: "< 150 MB",
        reached: idleMb < 150,
      },
      {
        what: "20 × 1,000 DAGs kept fresh, resident",
        ours: `${round(loadedMb)} MB (peak ${round(peakRssMb(airfleet.pid))})`,
        baseline: `${round(idleMb)} MB idle`,
        ratio: loadedMb / idleMb,
        target: "< 300 MB",
        reached: loadedMb < 300,
      },
      {
        what: "CPU of ours while keeping them fresh",
        ours: `${round(share * 100, 2)} % of a core`,
        baseline: `${round(Math.max(...perMinute))} calls a minute at the busiest instance`,
        ratio: share,
        target: "reported",
        reached: true,
      },
    ];
  },
};
