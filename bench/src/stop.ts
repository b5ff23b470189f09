import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Engine } from "@airfleet/engine";
import { type RunAddress, toDagId, toRunId } from "@airfleet/model";
import type { Generation } from "@airfleet/tools-engines";
import { REAL_INSTANCE, takeAirflow, withRealBed } from "./fleet/real-bed.ts";
import { median, round } from "./measure.ts";
import type { Bench, BenchRow } from "./result.ts";

const dagId = toDagId("af_sleep");
const LOOK_EVERY_MS = 10;
const PATIENCE_MS = 180_000;

const isAlive = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.[0] !== "Z";
  } catch {
    return false;
  }
};

interface Sleeper extends RunAddress {
  readonly pid: number;
}

/** Both generations' supervisors ask every so often whether their task is still wanted, counted from its start. */
const HEARTBEAT_MS = 5_000;
const SETTLED_MS = 7_000;

/**
 * A run whose task sleeps for two minutes, once its process is there, and this far between two heartbeats: what is
 * compared is stopped at the same moment of its supervisor's round.
 */
const aSleeper = async (engine: Engine, phase: number): Promise<Sleeper> => {
  const runId = toRunId(`bench_stop_${Math.random().toString(36).slice(2)}`);
  await engine.trigger({ dagId, runId, conf: {} });
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await delay(500)) {
    const tasks = await engine.listTaskInstances({ runs: [{ dagId, runId }] });
    const task = tasks.find(({ taskId, state }) => taskId === "a" && state === "running");
    const pid = task?.pid ?? null;
    if (pid !== null && isAlive(pid)) {
      const at = Date.parse(task?.startedAt ?? "") + SETTLED_MS + phase * HEARTBEAT_MS;
      await delay(Math.max(0, at - Date.now()));
      return { dagId, runId, pid };
    }
  }
  throw new Error("no task came to run");
};

/** Milliseconds from the request until the process is gone. */
const timeToGone = async (pid: number, stop: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  const asked = stop();
  const until = Date.now() + PATIENCE_MS;
  while (isAlive(pid)) {
    if (Date.now() > until) throw new Error(`process ${pid} lives on`);
    await delay(LOOK_EVERY_MS);
  }
  const took = performance.now() - began;
  await asked;
  return took;
};

const range = (samples: readonly number[]): string => {
  const [middle, least, most] = [median(samples), Math.min(...samples), Math.max(...samples)].map((ms) =>
    round(ms / 1_000, 2),
  );
  return `${middle} s (${least} to ${most})`;
};

const actor = { id: "bench", role: "admin", instances: ["*"], sourceIp: null, requestId: null } as const;

/** What the log tells is what a fleet on other hosts has. */
const NOBODY_LOOKS = {
  settings: { poll: false },
  lookAtProcess: () => Promise.resolve({ state: "unknown", process: null } as const),
};

const measure = async (generation: Generation, rounds: number): Promise<readonly BenchRow[]> => {
  await using airflow = await takeAirflow(generation);
  return await withRealBed(airflow, NOBODY_LOOKS, async ({ control, stranger }) => {
    const bare: number[] = [];
    const ours: number[] = [];
    const known: number[] = [];
    for (let turn = 0; turn < rounds; turn += 1) {
      const phase = turn / rounds;
      const theirs = await aSleeper(stranger, phase);
      bare.push(await timeToGone(theirs.pid, () => stranger.setRunState({ ...theirs, state: "failed" })));
      const { pid, runId } = await aSleeper(stranger, phase);
      const began = performance.now();
      const stop = async (): Promise<void> => {
        const intent = { verb: "run:stop", instance: REAL_INSTANCE, dagId, runId } as const;
        const { state } = await control.actions.perform(actor, intent, { deadlineMs: PATIENCE_MS });
        if (state !== "done") throw new Error(`the stop is ${state}`);
        known.push(performance.now() - began);
      };
      ours.push(await timeToGone(pid, stop));
    }
    const ratio = median(ours) / median(bare);
    const lag = median(known) - median(ours);
    return [
      {
        what: `Airflow ${airflow.version}: request to process gone, median of ${rounds}`,
        ours: range(ours),
        baseline: `${range(bare)} after a bare PATCH`,
        ratio,
        target: "≤ 1.25",
        reached: ratio <= 1.25,
      },
      {
        what: `Airflow ${airflow.version}: request to the answer that it is gone, by its log`,
        ours: range(known),
        baseline: `${round(lag / 1_000, 2)} s after the process's end`,
        ratio: median(known) / median(ours),
        target: "≤ 4 s after",
        reached: lag <= 4_000,
      },
    ];
  });
};

/** What stopping a run takes, beside the least that Airflow itself takes. */
export const stop: Bench = {
  name: "stop",
  claim: "From asking for a stop to the process being gone, beside a bare PATCH",
  run: async ({ quick }) => {
    const rounds = quick ? 4 : 12;
    return [...(await measure(2, rounds)), ...(await measure(3, rounds))];
  },
};
