import { type Dag, type RunObservation, toDagId, toInstanceId, toRunId } from "@airfleet/model";
import { expect, it } from "vitest";
import { silentLogger } from "../../src/logger.ts";
import { createAcceptedRuns } from "../../src/runs/accepted-runs.ts";
import { ManualClock } from "../manual-clock.ts";

const EU = toInstanceId("eu");
const US = toInstanceId("us");

const goneRun = (name: string): RunObservation => ({
  kind: "gone",
  dagId: toDagId("orders"),
  runId: toRunId(name),
  source: "trigger",
  at: 1,
});

const dag = { dagId: toDagId("orders") } as Dag;

/** What is written, and how; the writing ends when `release` is called, once `hold` was. */
const parts = () => {
  const clock = new ManualClock();
  const noted: { readonly instance: string; readonly runs: readonly string[]; readonly at: number }[] = [];
  const dags: string[] = [];
  let held: Promise<void> | undefined;
  const accepted = createAcceptedRuns({
    store: {
      dags: {
        observe: async (instance: string) => {
          dags.push(instance);
        },
      },
    } as unknown as Parameters<typeof createAcceptedRuns>[0]["store"],
    tracker: {
      note: async (instance, observations) => {
        noted.push({ instance, runs: observations.map(({ runId }) => runId), at: clock.now() });
        await held;
        return [];
      },
    },
    clock,
    logger: silentLogger,
  });
  return {
    accepted,
    clock,
    noted,
    dags,
    hold: (until: Promise<void>) => {
      held = until;
    },
  };
};

it("writes the runs of an instance together that were accepted within a moment", async () => {
  const { accepted, clock, noted } = parts();
  const start = clock.now();
  accepted.add(EU, { dag: undefined, runs: [goneRun("r1")] });
  accepted.add(US, { dag: undefined, runs: [goneRun("r2")] });
  await clock.advance(20);
  accepted.add(EU, { dag: undefined, runs: [goneRun("r3")] });
  expect(noted).toEqual([]);
  await clock.advance(5);
  expect(noted).toEqual([
    { instance: EU, runs: ["r1", "r3"], at: start + 25 },
    { instance: US, runs: ["r2"], at: start + 25 },
  ]);
});

it("writes five times a second at most while there are many", async () => {
  const { accepted, clock, noted } = parts();
  for (let index = 0; index < 100; index += 1) {
    accepted.add(EU, { dag: undefined, runs: [goneRun(`r${index}`)] });
    await clock.advance(10);
  }
  await clock.advance(200);
  expect(noted.flatMap(({ runs }) => runs)).toHaveLength(100);
  expect(noted.length).toBeLessThanOrEqual(6);
});

it("writes the reading of a DAG once, however many triggers it served", async () => {
  const { accepted, clock, dags } = parts();
  for (const name of ["r1", "r2"]) {
    accepted.add(EU, { dag, runs: [goneRun(name)] });
    await clock.advance(300);
  }
  expect(dags).toEqual([EU]);
});

it("a flush waits for what is being written and for what came meanwhile", async () => {
  const { accepted, clock, noted, hold } = parts();
  const writing = Promise.withResolvers<void>();
  hold(writing.promise);
  accepted.add(EU, { dag: undefined, runs: [goneRun("r1")] });
  await clock.advance(25);
  accepted.add(EU, { dag: undefined, runs: [goneRun("r2")] });
  let isFlushed = false;
  const flush = async (): Promise<void> => {
    await accepted.flush();
    isFlushed = true;
  };
  const flushed = flush();
  await clock.advance(0);
  expect(isFlushed).toBe(false);
  writing.resolve();
  await flushed;
  expect(noted.flatMap(({ runs }) => runs)).toEqual(["r1", "r2"]);
});

it("a flush waits for what is being written also when nothing came meanwhile", async () => {
  const { accepted, clock, hold } = parts();
  const writing = Promise.withResolvers<void>();
  hold(writing.promise);
  accepted.add(EU, { dag: undefined, runs: [goneRun("r1")] });
  await clock.advance(25);
  const flushed = accepted.flush();
  const first = await Promise.race([flushed.then(() => "flushed"), clock.advance(0).then(() => "still writing")]);
  expect(first).toBe("still writing");
  writing.resolve();
  await flushed;
});
