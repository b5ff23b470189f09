import { setTimeout as delay } from "node:timers/promises";
import { type RunAddress, toDagId, toRunId } from "@airfleet/model";
import { runKeyOf } from "@airfleet/store";
import type { Generation } from "@airfleet/tools-engines";
import { REAL_INSTANCE, type RealBed, takeAirflow, withRealBed } from "./fleet/real-bed.ts";
import { median, percentile, round } from "./measure.ts";
import type { Bench, BenchRow } from "./result.ts";

/** Paused, so that nothing but our hand changes its runs. */
const dagId = toDagId("af_paused");
const LOOK_EVERY_MS = 20;
const PATIENCE_MS = 180_000;
/** What is promised while nobody waits: seconds between two readings of a quick instance, and of an Airflow 2 behind a password. */
const INTERVAL_MS = { 2: 10_000, 3: 5_000 } as const;

const untilStored = async ({ store }: RealBed, run: RunAddress, state: string): Promise<void> => {
  const key = runKeyOf({ instance: REAL_INSTANCE, ...run });
  const end = performance.now() + PATIENCE_MS;
  while ((await store.runs.find(key))?.record.state !== state) {
    if (performance.now() > end) throw new Error(`${run.runId} was not seen as ${state}`);
    await delay(LOOK_EVERY_MS);
  }
};

/** Whoever has the page open; what is sent to them is not looked at, since we look into the store ourselves. */
const DEAF = { send: () => undefined, sendPaced: () => Promise.resolve(), end: () => undefined } as const;

const newRun = (): RunAddress => ({ dagId, runId: toRunId(`visible_${crypto.randomUUID()}`) });

/** A run that somebody starts, until our store has it. */
const sampleUnwatched = async (bed: RealBed): Promise<number> => {
  const run = newRun();
  // Anywhere between two readings.
  await delay(Math.random() * 5_000);
  // From the moment somebody asks the engine: it changes within the call.
  const askedAt = performance.now();
  await bed.stranger.trigger({ ...run, conf: {} });
  await untilStored(bed, run, "queued");
  return performance.now() - askedAt;
};

/** A run that somebody marks by hand while its page is open. */
const sampleWatched = async (bed: RealBed): Promise<number> => {
  const run = newRun();
  await bed.stranger.trigger({ ...run, conf: {} });
  const actor = { id: "bench", role: "admin", instances: ["*"], sourceIp: null, requestId: null } as const;
  const filter = { run: runKeyOf({ instance: REAL_INSTANCE, ...run }) };
  const following = bed.control.events.follow(actor, { filter, words: null }, DEAF);
  await untilStored(bed, run, "queued");
  await delay(2_000 + Math.random() * 1_000);
  const askedAt = performance.now();
  await bed.stranger.setRunState({ ...run, state: "failed" });
  await untilStored(bed, run, "failed");
  following.close();
  return performance.now() - askedAt;
};

const many = async (count: number, sample: () => Promise<number>): Promise<readonly number[]> => {
  const samples: number[] = [];
  for (let number = 0; number < count; number += 1) samples.push(await sample());
  return samples;
};

const rowsFor = async (generation: Generation, count: number): Promise<readonly BenchRow[]> => {
  const airflow = await takeAirflow(generation);
  try {
    return await withRealBed(airflow, { settings: { historyDays: 0 } }, async (bed) => {
      while ((await bed.store.readings.find(REAL_INSTANCE, "runs")) === undefined) await delay(100);
      const watched = await many(count, () => sampleWatched(bed));
      const unwatched = await many(count, () => sampleUnwatched(bed));
      const reading = await bed.store.readings.find(REAL_INSTANCE, "runs");
      // A server that is slower than usual is asked less often, and it is that interval which is promised.
      const intervalMs = Math.max(INTERVAL_MS[generation], (reading?.durationMs ?? 0) / 0.015);
      const [plain, quick] = [median(unwatched), median(watched)];
      const what = `Airflow ${airflow.version}, ${count} changes`;
      return [
        {
          what: `${what}: median until visible`,
          ours: `${round(plain / 1_000, 2)} s (p95 ${round(percentile(unwatched, 0.95) / 1_000, 2)} s)`,
          baseline: `interval ${round(intervalMs / 1_000, 1)} s`,
          ratio: plain / intervalMs,
          target: "< 1.5",
          reached: plain / intervalMs < 1.5,
        },
        {
          what: `${what} of a run that is watched: median until visible`,
          ours: `${round(quick / 1_000, 2)} s (most ${round(Math.max(...watched) / 1_000, 2)} s)`,
          baseline: "2 s",
          ratio: quick / 2_000,
          target: "< 1",
          reached: quick < 2_000,
        },
      ];
    });
  } finally {
    await airflow[Symbol.asyncDispose]();
  }
};

/** G3: how long a change in a real engine takes to show in our API. */
export const changeVisible: Bench = {
  name: "change-visible",
  claim: "A change in a real Airflow until it is visible, with and without somebody who watches",
  run: async ({ quick }) => [...(await rowsFor(2, quick ? 6 : 20)), ...(await rowsFor(3, quick ? 6 : 20))],
};
