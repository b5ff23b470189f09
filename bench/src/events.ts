import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface, type Interface } from "node:readline";
import { peakRssMb, percentile, round } from "./measure.ts";
import type { Bench, BenchRow } from "./result.ts";

const CLIENTS = 1_000;
const PER_SECOND = 50;

interface Speaking extends AsyncDisposable {
  readonly child: ChildProcess;
  /** The next line that it prints. */
  readonly line: () => Promise<string>;
}

/** A process that is spoken to line by line. */
const speakTo = (script: string, ...args: readonly string[]): Speaking => {
  const file = path.join(import.meta.dirname, "events", script);
  const child = spawn(process.execPath, ["--conditions=@airfleet/source", file, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, NODE_ENV: "production" },
  });
  const lines: Interface = createInterface({ input: child.stdout });
  const iterator = lines[Symbol.asyncIterator]();
  return {
    child,
    line: async () => {
      const { value, done } = await iterator.next();
      if (done === true) throw new Error(`${script} ended`);
      return value;
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
};

interface Measured {
  readonly p50: number;
  readonly p99: number;
  readonly missing: number;
  readonly wrong: readonly string[];
  readonly rssMb: number;
}

const measure = async (script: string, events: number): Promise<Measured> => {
  await using server = speakTo(script);
  const { url } = JSON.parse(await server.line()) as { url: string };
  await using clients = speakTo("event-clients.ts", url, String(CLIENTS), String(events));
  await clients.line();
  server.child.stdin?.write(`${events} ${PER_SECOND}\n`);
  const said = JSON.parse(await clients.line()) as { seen: number; wrong: string[]; latencies: number[] };
  return {
    p50: percentile(said.latencies, 0.5),
    p99: percentile(said.latencies, 0.99),
    missing: CLIENTS * events - said.seen,
    wrong: said.wrong,
    rssMb: peakRssMb(server.child.pid ?? 0),
  };
};

/** G5: a thousand listeners of everything that happens. */
export const events: Bench = {
  name: "events",
  claim: `${CLIENTS.toLocaleString("en")} SSE clients, ${PER_SECOND} events a second, clients in another process, beside a server that keeps nothing`,
  run: async ({ quick }) => {
    const count = PER_SECOND * (quick ? 10 : 60);
    const bare = await measure("bare-server.ts", count);
    const ours = await measure("event-server.ts", count);
    const latency = (what: "p50" | "p99", target: string, reached: boolean): BenchRow => ({
      what: `${what} from commit to client`,
      ours: `${round(ours[what])} ms`,
      baseline: `${round(bare[what])} ms`,
      ratio: ours[what] / Math.max(1, bare[what]),
      target,
      reached,
    });
    return [
      latency("p50", "-", true),
      latency("p99", "< 150 ms", ours.p99 < 150),
      {
        what: `lost, doubled or out of order of ${(CLIENTS * count).toLocaleString("en")}`,
        ours: `${ours.missing} missing, ${ours.wrong.length} wrong`,
        baseline: `${bare.missing} missing, ${bare.wrong.length} wrong`,
        ratio: 0,
        target: "none",
        reached: ours.missing === 0 && ours.wrong.length === 0,
      },
      {
        what: "peak memory of the server",
        ours: `${round(ours.rssMb)} MB`,
        baseline: `${round(bare.rssMb)} MB`,
        ratio: ours.rssMb / bare.rssMb,
        target: "-",
        reached: true,
      },
    ];
  },
};
