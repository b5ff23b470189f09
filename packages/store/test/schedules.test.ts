import { randomUUID } from "node:crypto";
import type { PipelineContent } from "@airfleet/model";
import { toDagId, toExecutionRunId, toInstanceId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import type { NewExecution, ScheduleWrite, Store } from "../src/index.ts";
import { backends, PATIENT, type Place, type TestBackend } from "./backends.ts";

const AUTHOR = { actor: "token:ada", sourceIp: null, requestId: null };

const CONTENT: PipelineContent = {
  name: "Orders",
  description: null,
  version: "1.0.0",
  config: {},
  schedule: null,
  isScheduled: false,
  timeZone: "UTC",
  status: "active",
  tags: [],
  defaultParams: {},
  owner: null,
  tenant: null,
  environments: {},
};

const addPipeline = async (store: Store, changes: Partial<PipelineContent> = {}): Promise<string> =>
  (await store.pipelines.create({ id: randomUUID(), content: { ...CONTENT, ...changes }, planHash: "h" }, AUTHOR)).id;

const changePipeline = (store: Store, id: string, changes: Partial<PipelineContent>) =>
  store.pipelines.change({ id }, (present) => ({ content: { ...present, ...changes }, planHash: "h" }), AUTHOR);

const WRITE: ScheduleWrite = {
  name: "Every hour",
  description: null,
  definition: {
    frequency: "hourly",
    timeZone: "UTC",
    startDate: null,
    endDate: null,
    times: { minute: 0, hour: 0, daysOfWeek: [], dayOfMonth: 1, cronExpression: null, intervalSeconds: null },
    missed: "latest",
    instance: null,
    environment: null,
    kept: {},
  },
  params: { token: "s3cret" },
  isActive: true,
  runBy: "airfleet",
  nextTick: 1_000,
};

const addSchedule = (store: Store, pipeline: string, changes: Partial<ScheduleWrite> = {}) =>
  store.schedules.create({ ...WRITE, ...changes, id: randomUUID(), pipeline }, AUTHOR);

const executionOf = (pipeline: string, schedule: string, tick: number): NewExecution => {
  const id = randomUUID();
  return {
    id,
    pipeline,
    revision: 1,
    artifactHash: null,
    instance: toInstanceId("eu"),
    dagId: toDagId("pipeline_x"),
    runId: toExecutionRunId(id),
    triggerType: "scheduled",
    params: {},
    scope: `${schedule}/${tick}`,
    requestHash: null,
    schedule,
    tick,
    deadlineAt: 9_999_999_999_999,
  };
};

/** A store of its own: work that is due is taken by whoever asks first. */
const withStore = async (backend: TestBackend, work: (store: Store, place: Place) => Promise<void>): Promise<void> => {
  await using place = await backend.freshPlace();
  await using store = await place.open();
  await work(store, place);
};

for (const backend of backends) {
  describe(`schedules on ${backend.name}`, PATIENT, () => {
    it("show what a pipeline says of itself as one of them", () =>
      withStore(backend, async (store) => {
        const pipeline = await addPipeline(store, {
          schedule: "0 6 * * *",
          isScheduled: true,
          timeZone: "Europe/Zurich",
        });
        const first = await store.schedules.primaryOf(pipeline);
        expect(first).toMatchObject({
          pipeline,
          isActive: true,
          isPrimary: true,
          runBy: "engine",
          nextTick: null,
          definition: { timeZone: "Europe/Zurich", times: { cronExpression: "0 6 * * *" } },
        });
        await changePipeline(store, pipeline, { status: "paused" });
        expect(await store.schedules.primaryOf(pipeline)).toMatchObject({ id: first!.id, isActive: false, version: 2 });
        await changePipeline(store, pipeline, { name: "Other" });
        expect(await store.schedules.primaryOf(pipeline)).toMatchObject({ version: 2 });
        await changePipeline(store, pipeline, { schedule: "0 7 * * *" });
        expect(await store.schedules.primaryOf(pipeline)).toMatchObject({
          id: first!.id,
          definition: { times: { cronExpression: "0 7 * * *" } },
        });
        await changePipeline(store, pipeline, { schedule: null });
        expect(await store.schedules.primaryOf(pipeline)).toBeUndefined();
      }));

    it("go with their pipeline", () =>
      withStore(backend, async (store) => {
        const pipeline = await addPipeline(store, { schedule: "0 6 * * *" });
        await addSchedule(store, pipeline);
        await store.pipelines.remove({ id: pipeline }, AUTHOR);
        expect(await store.schedules.count({ pipeline }, 10)).toBe(0);
      }));

    it("are leased when they are due, to one at a time", () =>
      withStore(backend, async (store, place) => {
        const pipeline = await addPipeline(store);
        const due = await addSchedule(store, pipeline);
        await addSchedule(store, pipeline, { nextTick: 9_999_999_999_999 });
        await addSchedule(store, pipeline, { isActive: false });
        await addSchedule(store, pipeline, { runBy: "engine" });
        const claims = await Promise.all([1, 2, 3].map(() => store.schedules.claimDue({ leaseMs: 30_000, limit: 10 })));
        expect(claims.flat().map(({ schedule }) => schedule.id)).toEqual([due.id]);
        expect(claims.flat()[0].schedule.params).toEqual({ token: "s3cret" });
        await place.passTime(31_000);
        expect(await store.schedules.claimDue({ leaseMs: 30_000, limit: 10 })).toHaveLength(1);
        expect(JSON.stringify(await place.sql("select * from schedules"))).not.toContain("s3cret");
      }));

    it("serve a tick once: not under a lost lease, not after a change, and not twice", () =>
      withStore(backend, async (store, place) => {
        const pipeline = await addPipeline(store);
        const schedule = await addSchedule(store, pipeline);
        const claim = async () => (await store.schedules.claimDue({ leaseMs: 30_000, limit: 1 }))[0].lease;
        const stale = await claim();
        await place.passTime(31_000);
        const lease = await claim();
        const served = (nextTick: number) => ({
          executions: [executionOf(pipeline, schedule.id, 1_000)],
          lastTick: 1_000,
          nextTick,
        });
        expect(await store.schedules.serve(stale, served(2_000), AUTHOR)).toBeUndefined();
        expect(await store.schedules.serve(lease, served(2_000), AUTHOR)).toHaveLength(1);
        const again = await claim();
        // As if the clock had been set back: the same tick makes no second execution.
        await store.schedules.serve(again, served(3_000), AUTHOR);
        expect(await store.executions.count({ schedule: schedule.id }, 10)).toBe(1);
        const last = await claim();
        await store.schedules.update(schedule.id, { ...WRITE, isActive: false }, schedule.version, AUTHOR);
        expect(await store.schedules.serve(last, served(4_000), AUTHOR)).toBeUndefined();
        expect(await store.schedules.find(schedule.id)).toMatchObject({ nextTick: null, lastTick: 1_000, epoch: 2 });
      }));

    it("are changed by whoever has read them last", () =>
      withStore(backend, async (store) => {
        const { id } = await addSchedule(store, await addPipeline(store));
        await store.schedules.update(id, { ...WRITE, name: "New" }, 1, AUTHOR);
        await expect(store.schedules.update(id, WRITE, 1, AUTHOR)).rejects.toMatchObject({ code: "VERSION_CONFLICT" });
        await store.schedules.remove(id, 2, AUTHOR);
        await expect(store.schedules.remove(id, 2, AUTHOR)).rejects.toMatchObject({ code: "SCHEDULE_UNKNOWN" });
      }));
  });
}
