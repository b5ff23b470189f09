import { randomUUID } from "node:crypto";
import { type PipelineContent, type Run, toDagId, toExecutionRunId, toInstanceId, toRunId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { type NewExecution, runKeyOf, type Store } from "../src/index.ts";
import { backends, PATIENT, type Place, type TestBackend } from "./backends.ts";
import { hour, readOf, runOf } from "./run-samples.ts";

const AUTHOR = { actor: "token:ada", sourceIp: "10.0.0.7", requestId: "req-1" };
const EU = toInstanceId("eu");

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

const addPipeline = async (store: Store, changes: Partial<PipelineContent> = {}): Promise<string> => {
  const content = { ...CONTENT, ...changes };
  return (await store.pipelines.create({ id: randomUUID(), content, planHash: "h" }, AUTHOR)).id;
};

const dagOf = (pipeline: string) => toDagId(`pipeline_${pipeline.replaceAll("-", "_")}`);

const newExecution = (pipeline: string, changes: Partial<NewExecution> = {}): NewExecution => {
  const id = changes.id ?? randomUUID();
  return {
    id,
    pipeline,
    revision: 1,
    artifactHash: "abc",
    instance: EU,
    dagId: dagOf(pipeline),
    runId: toExecutionRunId(id),
    triggerType: "manual",
    params: { day: "2026-01-01", password: "s3cret" },
    scope: null,
    requestHash: null,
    deadlineAt: 9_999_999_999_999,
    ...changes,
  };
};

const execute = async (store: Store, pipeline: string, changes: Partial<NewExecution> = {}) =>
  (await store.executions.create(newExecution(pipeline, changes), AUTHOR)).execution;

const pipelineRun = (pipeline: string, runId: string, state: Run["state"], changes: Partial<Run> = {}): Run =>
  runOf(runId, state, 1, { dagId: dagOf(pipeline), ...changes });

/** Each reading is later than the one before. */
let readAt = Date.parse("2026-11-21T10:00:00Z");

const see = (store: Store, run: Run, changes: object = {}) =>
  store.runs.observe({ instance: EU, observations: [readOf(run, (readAt += 1_000), changes)] });

const claimOne = async (store: Store) => {
  const [leased] = await store.executions.claim({ leaseMs: 30_000, limit: 1 });
  return leased;
};

/** A store of its own: work that is due is taken by whoever asks first. */
const withStore = async (backend: TestBackend, work: (store: Store, place: Place) => Promise<void>): Promise<void> => {
  await using place = await backend.freshPlace();
  await using store = await place.open();
  await work(store, place);
};

for (const backend of backends) {
  describe(`executions on ${backend.name}`, PATIENT, () => {
    it("are one for each scope, whoever asks first", () =>
      withStore(backend, async (store) => {
        const pipeline = await addPipeline(store);
        const asks = Array.from({ length: 5 }, () => newExecution(pipeline, { scope: "key-1" }));
        const made = await Promise.all(asks.map((one) => store.executions.create(one, AUTHOR)));
        expect(new Set(made.map(({ execution }) => execution.id)).size).toBe(1);
        expect(made.filter(({ created }) => created)).toHaveLength(1);
        expect(await store.executions.findByScope("key-1")).toMatchObject({ status: "pending", stage: "preparing" });
      }));

    it("keep parameters encrypted", () =>
      withStore(backend, async (store, place) => {
        const execution = await execute(store, await addPipeline(store));
        expect(execution.params).toEqual({ day: "2026-01-01", password: "s3cret" });
        const everything = ["executions", "audit_pending", "events_pending"].map((table) =>
          place.sql(`select * from ${table}`),
        );
        expect(JSON.stringify(await Promise.all(everything))).not.toContain("s3cret");
      }));

    it("follow their run, and say so in events", () =>
      withStore(backend, async (store) => {
        const pipeline = await addPipeline(store);
        const { id, runId } = await execute(store, pipeline);
        await see(store, pipelineRun(pipeline, runId, "running"));
        expect(await store.executions.find(id)).toMatchObject({
          status: "running",
          stage: "following",
          startedAt: hour(1),
        });
        await see(store, pipelineRun(pipeline, runId, "success"));
        expect(await store.executions.find(id)).toMatchObject({
          status: "success",
          stage: "collecting",
          completedAt: hour(1.5),
        });
        await store.events.sequence();
        const events = await store.events.list({ after: 0, limit: 100 });
        const states = events
          .filter(({ kind }) => kind === "execution.changed")
          .map(({ payload }) => payload["status"]);
        expect(states).toEqual(["pending", "running", "success"]);
      }));

    it("go on when their run is cleared", () =>
      withStore(backend, async (store) => {
        const pipeline = await addPipeline(store);
        const { id, runId } = await execute(store, pipeline);
        await see(store, pipelineRun(pipeline, runId, "failed"));
        const { lease } = await claimOne(store);
        const error = { code: null, message: "step failed", trace: "trace" };
        await store.executions.finish(lease, { stage: "done", againInMs: null, error });
        await see(store, pipelineRun(pipeline, runId, "running", { startedAt: hour(2), endedAt: null }));
        expect(await store.executions.find(id)).toMatchObject({
          status: "running",
          stage: "following",
          completedAt: null,
          error: null,
        });
      }));

    it("appear once for a run that the engine or a person started, found by poll and report at once", () =>
      withStore(backend, async (store) => {
        const pipeline = await addPipeline(store, { schedule: "0 6 * * *", isScheduled: true });
        const scheduled = pipelineRun(pipeline, "scheduled__2026", "running", { type: "scheduled" });
        await Promise.all([
          see(store, scheduled),
          see(store, scheduled, { source: "report" }),
          see(store, pipelineRun(pipeline, "mine", "queued", { triggeredBy: "ada", conf: { params: { a: 1 } } })),
          see(store, scheduled),
        ]);
        const { items } = await store.executions.list({ limit: 10, pipeline });
        expect(items).toHaveLength(2);
        expect(items.find(({ runId }) => runId === scheduled.runId)).toMatchObject({
          triggerType: "scheduled",
          triggeredBy: "instance:eu",
          isDiscovered: true,
          status: "running",
          schedule: pipeline,
        });
        expect(items.find(({ runId }) => runId === "mine")).toMatchObject({
          triggerType: "manual",
          triggeredBy: "ada",
          status: "pending",
          params: { a: 1 },
        });
      }));

    it("do not appear for DAGs that are no pipelines of ours", () =>
      withStore(backend, async (store) => {
        await see(store, pipelineRun(randomUUID(), "strange", "running"));
        await see(store, runOf("other", "running", 1));
        expect((await store.executions.list({ limit: 10 })).items).toEqual([]);
      }));

    it("call a success that did nothing a failure, with the reason", () =>
      withStore(backend, async (store) => {
        const pipeline = await addPipeline(store);
        const { id, runId } = await execute(store, pipeline);
        await see(store, pipelineRun(pipeline, runId, "success"), { hollow: true });
        expect(await store.executions.find(id)).toMatchObject({
          status: "failed",
          error: { code: "EXECUTION_HOLLOW", message: expect.stringContaining("every task of it was removed") },
        });
      }));

    it("stay cancelled for ever, whatever their run comes to", () =>
      withStore(backend, async (store) => {
        const pipeline = await addPipeline(store);
        const { id, runId } = await execute(store, pipeline);
        expect(await store.executions.cancel(id, AUTHOR)).toMatchObject({ cancelled: true });
        for (const state of ["queued", "running", "success", "running", "failed"] as const) {
          await see(store, pipelineRun(pipeline, runId, state, { startedAt: hour(2) }));
          expect(await store.executions.find(id)).toMatchObject({ status: "cancelled", stage: "stopping" });
        }
        expect(await store.executions.cancel(id, AUTHOR)).toMatchObject({ cancelled: false });
        expect(await store.executions.cancel(randomUUID(), AUTHOR)).toBeUndefined();
      }));

    it("let the holder of a lost lease say nothing", () =>
      withStore(backend, async (store, place) => {
        const { id } = await execute(store, await addPipeline(store));
        const first = await claimOne(store);
        expect(await store.executions.claim({ leaseMs: 30_000, limit: 1 })).toEqual([]);
        await place.passTime(31_000);
        const second = await claimOne(store);
        expect(second.execution.id).toBe(id);
        const news = { stage: "sent", againInMs: 1_000 } as const;
        expect(await store.executions.finish(first.lease, news)).toBeUndefined();
        expect(await store.executions.finish(second.lease, news)).toMatchObject({ stage: "sent" });
        const { lease } = (await store.executions.claim({ leaseMs: 30_000, limit: 1, only: id }))[0];
        await store.executions.cancel(id, AUTHOR);
        expect(await store.executions.finish(lease, { ...news, status: "failed" })).toBeUndefined();
        expect(await store.executions.find(id)).toMatchObject({ status: "cancelled", stage: "stopping" });
      }));

    it("keep the stage that a reading gave them while somebody worked", () =>
      withStore(backend, async (store) => {
        const pipeline = await addPipeline(store);
        const { id, runId } = await execute(store, pipeline);
        const { lease } = await claimOne(store);
        await see(store, pipelineRun(pipeline, runId, "success"));
        await store.executions.finish(lease, { stage: "sent", againInMs: 60_000, stageNote: "asked" });
        expect(await store.executions.find(id)).toMatchObject({ status: "success", stage: "collecting" });
        expect((await claimOne(store)).execution.id).toBe(id);
      }));

    it("are listed newest first, by cursor and by page, and counted to a limit", () =>
      withStore(backend, async (store) => {
        const pipeline = await addPipeline(store);
        const other = await addPipeline(store);
        for (let index = 0; index < 7; index += 1) await execute(store, pipeline);
        const failed = await execute(store, other, { instance: toInstanceId("us") });
        await store.executions.cancel(failed.id, AUTHOR);
        const all = await store.executions.list({ limit: 100 });
        expect(all.items).toHaveLength(8);
        const walked: string[] = [];
        let after: string | undefined;
        do {
          const page = await store.executions.list({ limit: 3, ...(after === undefined ? {} : { after }) });
          walked.push(...page.items.map(({ id }) => id));
          after = page.next ?? undefined;
        } while (after !== undefined);
        expect(walked).toEqual(all.items.map(({ id }) => id));
        const second = await store.executions.list({ limit: 3, offset: 3 });
        expect(second.items.map(({ id }) => id)).toEqual(walked.slice(3, 6));
        expect(await store.executions.count({}, 5)).toBe(5);
        expect(await store.executions.count({ pipeline }, 100)).toBe(7);
        expect(await store.executions.count({ instances: ["us"], statuses: ["cancelled"] }, 100)).toBe(1);
        expect((await store.executions.list({ limit: 9, statuses: [] })).items).toEqual([]);
      }));
  });
}

describe("the name of an execution's run", () => {
  it("is known before the run", () =>
    expect(runKeyOf({ instance: EU, dagId: toDagId("d"), runId: toRunId("execution__1") })).toBe(
      runKeyOf({ instance: EU, dagId: toDagId("d"), runId: toExecutionRunId("1") }),
    ));
});
