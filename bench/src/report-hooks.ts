import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { cacheLayout, ensureInstalled } from "@airfleet/tools-engines";
import { z } from "zod";
import { median, percentile, round } from "./measure.ts";
import type { Bench, BenchRow } from "./result.ts";

const SOURCE = path.resolve(import.meta.dirname, "../../python/src");
const PROGRAM = path.join(import.meta.dirname, "report-hooks/measure.py");
const LIMIT_MS = 50;
const IMPORT_LIMIT_MS = 30;
const run = promisify(execFile);

const Taken = z.object({
  task: z.array(z.number()),
  scheduler: z.array(z.number()),
  posting: z.array(z.number()),
});

const IMPORTS = `
import time
import airflow.plugins_manager, airflow.listeners
began = time.perf_counter()
import airfleet.airflow.plugin
print((time.perf_counter() - began) * 1000)
`;

const endSender = (spool: string): void => {
  try {
    const { pid } = z.object({ pid: z.int() }).parse(JSON.parse(readFileSync(path.join(spool, "status.json"), "utf8")));
    process.kill(pid);
  } catch {
    // It has said nothing yet, or is gone: it ends itself when it is idle.
  }
};

const hookRow = (who: string, samples: readonly number[], postingMs: number): BenchRow => {
  const p99 = percentile(samples, 0.99);
  return {
    what: `a hook in ${who}, p99 of ${samples.length} (p50 ${round(median(samples), 2)}, most ${round(Math.max(...samples))} ms)`,
    ours: `${round(p99, 2)} ms`,
    baseline: `posting from the hook, given up after 1 s: ${round(postingMs)} ms`,
    ratio: round(p99 / postingMs, 4),
    target: `< ${LIMIT_MS} ms`,
    reached: p99 < LIMIT_MS,
  };
};

const importMs = async (engine: "airflow2" | "airflow3", spool: string): Promise<readonly number[]> => {
  const { executable } = await ensureInstalled(cacheLayout(), engine, () => {});
  const env = { PATH: process.env["PATH"], PYTHONPATH: SOURCE, AIRFLOW_HOME: spool };
  const taken: number[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    const { stdout } = await run(executable("python"), ["-W", "ignore", "-c", IMPORTS], { env });
    taken.push(Number(stdout.trim().split("\n").at(-1)));
  }
  return taken;
};

/** What reporting costs Airflow's own processes, when nobody answers. */
export const reportHooks: Bench = {
  name: "report-hooks",
  claim: "Reporting costs a task no time, even when nobody answers",
  async run({ quick }) {
    const spool = mkdtempSync(path.join(tmpdir(), "airfleet-bench-"));
    const { executable } = await ensureInstalled(cacheLayout(), "python", () => {});
    const env = {
      PATH: process.env["PATH"],
      PYTHONPATH: SOURCE,
      AIRFLEET_SPOOL_DIR: spool,
      AIRFLEET_INSTANCE: "bench",
      AIRFLEET_SENDER_IDLE_SECONDS: "5",
    };
    try {
      const { stdout } = await run(executable("python"), [PROGRAM, quick ? "200" : "1000"], {
        env,
        maxBuffer: 16 * 1024 * 1024,
      });
      const taken = Taken.parse(JSON.parse(stdout));
      const postingMs = median(taken.posting);
      const rows = [
        hookRow("a task's process", taken.task, postingMs),
        hookRow("the scheduler", taken.scheduler, postingMs),
      ];
      for (const engine of ["airflow2", "airflow3"] as const) {
        const samples = await importMs(engine, spool);
        rows.push({
          what: `importing the plugin in ${engine === "airflow2" ? "Airflow 2.11" : "Airflow 3.3"}, p50 of 5`,
          ours: `${round(median(samples))} ms`,
          baseline: "without it: 0 ms",
          ratio: 0,
          target: `< ${IMPORT_LIMIT_MS} ms`,
          reached: median(samples) < IMPORT_LIMIT_MS,
        });
      }
      return rows;
    } finally {
      endSender(spool);
      rmSync(spool, { recursive: true, force: true });
    }
  },
};
