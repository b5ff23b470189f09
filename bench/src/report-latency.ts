import { setTimeout as delay } from "node:timers/promises";
import { toDagId, toRunId } from "@airfleet/model";
import type { Generation } from "@airfleet/tools-engines";
import { z } from "zod";
import { median, percentile, round } from "./measure.ts";
import { INSTANCE, type ReportingBed, startReportingBed } from "./report-latency/reporting-bed.ts";
import type { Bench, BenchRow } from "./result.ts";

const LOOK_EVERY_MS = 20;
const PATIENCE_MS = 180_000;
/** Runs that are under way at a time: an Airflow is never idle, and two cores must not be what is measured. */
const WIDTH = 2;
const TARGET_MS = 1_000;

const Runs = z.object({ items: z.array(z.object({ id: z.string(), state: z.string() })) });
const Reports = z.object({ items: z.array(z.object({ message: z.unknown() })) });
const TaskEnd = z.object({ task: z.object({ state: z.literal("success") }) });

/** Milliseconds from the end of a task's work until our API shows it. */
interface Sample {
  /** Undefined where nobody reports: tasks of a run that went well are not read. */
  readonly task: number | undefined;
  readonly run: number;
}

const ask = async ({ server }: ReportingBed, route: string): Promise<unknown> =>
  (await fetch(`${server.url}/api/v1${route}`)).json();

const isTaskEndShown = async (bed: ReportingBed, runKey: string): Promise<boolean> => {
  const { items } = Reports.parse(await ask(bed, `/runs/${runKey}/reports`));
  return items.some(({ message }) => TaskEnd.safeParse(message).success);
};

const sample = async (bed: ReportingBed, isReported: boolean): Promise<Sample> => {
  const runId = toRunId(`latency-${crypto.randomUUID()}`);
  // Anywhere between two readings of the poll, and between two rounds of the scheduler.
  await delay(Math.random() * 5_000);
  await bed.engine.trigger({ dagId: toDagId("ended"), runId, conf: {} });
  const until = performance.now() + PATIENCE_MS;
  let taskAt: number | undefined;
  while (performance.now() < until) {
    const [run] = Runs.parse(await ask(bed, `/runs?instance=${INSTANCE}&run_id=${runId}`)).items;
    if (isReported && run !== undefined && taskAt === undefined && (await isTaskEndShown(bed, run.id))) {
      taskAt = Date.now();
    }
    if (run?.state === "success") {
      const endedAt = bed.taskEndedAt(runId) ?? Number.NaN;
      return { task: taskAt === undefined ? undefined : taskAt - endedAt, run: Date.now() - endedAt };
    }
    await delay(LOOK_EVERY_MS);
  }
  throw new Error(`${runId} was not seen to have ended`);
};

const many = async (bed: ReportingBed, count: number, isReported: boolean): Promise<readonly Sample[]> => {
  const samples: Sample[] = [];
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      samples.push(await sample(bed, isReported));
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
  return samples;
};

const seconds = (samples: readonly number[]): string =>
  `${round(median(samples) / 1_000, 2)} s (p95 ${round(percentile(samples, 0.95) / 1_000, 2)} s)`;

const rowsFor = async (generation: Generation, count: number): Promise<readonly BenchRow[]> => {
  await using bed = await startReportingBed(generation);
  await many(bed, 2, false);
  const polled = (await many(bed, count, false)).map(({ run }) => run);
  await bed.startReporting();
  await many(bed, 2, true);
  const reported = await many(bed, count, true);
  const tasks = reported.flatMap(({ task }) => (task === undefined ? [] : [task]));
  if (tasks.length < count)
    throw new Error(`the end of ${count - tasks.length} tasks was not reported before their run's`);
  const runs = reported.map(({ run }) => run);
  const what = `Airflow ${bed.airflow.version}, ${reported.length} tasks: from the end of a task's work`;
  const row = (shown: string, ours: readonly number[]): BenchRow => ({
    what: `${what} until ${shown} is shown`,
    ours: seconds(ours),
    baseline: `by the poll alone, the end of the run: ${seconds(polled)}`,
    ratio: median(ours) / median(polled),
    target: "median < 1 s",
    reached: median(ours) < TARGET_MS,
  });
  return [
    row("its end", tasks),
    // Between the two the scheduler has to see that the run has nothing left to do.
    { ...row("the end of its run", runs), target: "faster than the poll", reached: median(runs) < median(polled) },
  ];
};

/** F1: how soon our API shows what a real engine's plugin reports. */
export const reportLatency: Bench = {
  name: "report-latency",
  claim: "The end of a task in a real Airflow until our API shows it, reported and by the poll alone",
  run: async ({ quick }) => [...(await rowsFor(2, quick ? 6 : 30)), ...(await rowsFor(3, quick ? 6 : 30))],
};
