import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createAirflowEngine } from "@airfleet/airflow";
import { FIXTURES } from "@airfleet/engine";
import {
  InstanceConfig,
  type DagId,
  resolveInstanceConfig,
  type RunAddress,
  type RunState,
  toInstanceId,
  toRunId,
} from "@airfleet/model";
import { openStore, runKeyOf, type Store, type StoredRun } from "@airfleet/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { takeAirflow } from "../../airflow/test/conformance/instance-under-trial.ts";
import { type Control, createControl } from "../src/index.ts";
import { actor, eventually, fromFile } from "./fleet-fixture.ts";

const PATIENCE_MS = 150_000;
/** Schedulers under load, and a feed that is read every ten seconds. */
const LONG = { timeout: 900_000 };

describe.each([2, 3] as const)("a real Airflow %i", (generation) => {
  const instance = toInstanceId(`real${generation}`);
  let airflow: Awaited<ReturnType<typeof takeAirflow>>;
  let dataDir: string;
  let store: Store;
  let control: Control;

  beforeAll(async () => {
    airflow = await takeAirflow(generation);
    dataDir = await mkdtemp(path.join(tmpdir(), "airfleet-real-runs-"));
    store = await openStore({ dataDir });
    const { url, username, password } = airflow;
    control = await createControl({
      store,
      createEngine: (config) => createAirflowEngine({ config }),
      loadInstances: () =>
        Promise.resolve([fromFile({ id: instance, url, auth: { type: "basic", username, password } })]),
      resolveSecrets: (config) => resolveInstanceConfig(config, () => ""),
    });
    control.startReconcilers();
  });

  afterAll(async () => {
    await control.close({ drainMs: 1_000 });
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
    await airflow[Symbol.asyncDispose]();
  });

  /** A client of their own: people in the engine's own UI and CLI, as far as we can tell. */
  const stranger = () => {
    const { url, username, password } = airflow;
    const config = InstanceConfig.parse({ id: "stranger", url, auth: { type: "basic", username, password } });
    return createAirflowEngine({ config: resolveInstanceConfig(config, () => "") });
  };

  const begin = async (dagId: DagId): Promise<RunAddress> => {
    const engine = stranger();
    const runId = toRunId(`theirs_${Math.random().toString(36).slice(2)}`);
    await engine.trigger({ dagId, runId, conf: { collection_id: "7", api_key: "hidden" } });
    await engine.close();
    return { dagId, runId };
  };

  const stored = ({ dagId, runId }: RunAddress): Promise<StoredRun | undefined> =>
    store.runs.find(runKeyOf({ instance, dagId, runId }));

  const becomes = (run: RunAddress, state: RunState): Promise<void> =>
    eventually(async () => (await stored(run))?.record.state === state, PATIENCE_MS);

  it("tells of a run that somebody started elsewhere, its end, its rerun and its mark by hand", LONG, async () => {
    const engine = stranger();
    const run = await begin(FIXTURES.ok);
    await becomes(run, "success");
    const found = await stored(run);
    expect(found).toMatchObject({ discoveredBy: "poll", triggerId: null });
    expect(found?.record.read?.run.conf).toEqual({ collection_id: "7", api_key: "***" });
    await engine.clear({ ...run, onlyFailed: false, dryRun: false });
    await eventually(async () => {
      const now = await stored(run);
      return now?.record.state === "success" && now.record.read?.run.startedAt !== found?.record.read?.run.startedAt;
    }, PATIENCE_MS);
    await engine.setRunState({ ...run, state: "failed" });
    await becomes(run, "failed");
    await eventually(async () => (await store.runs.tasks(found!.key)).length === 1, PATIENCE_MS);
    await engine.close();
  });

  it("tells of runs that its scheduler starts", LONG, async () => {
    const engine = stranger();
    const before = (await store.runs.list({ limit: 1, types: ["scheduled"], dagIds: [FIXTURES.scheduled] })).items;
    await engine.setPaused(FIXTURES.scheduled, false);
    try {
      await eventually(
        async () => {
          const { items } = await store.runs.list({ limit: 1, types: ["scheduled"], dagIds: [FIXTURES.scheduled] });
          return items.length > 0 && items[0]?.key !== before[0]?.key && items[0]?.record.state === "success";
          // The interval that is over may have its run already: then the next one is waited for, of five minutes.
        },
        2 * PATIENCE_MS + 60_000,
      );
    } finally {
      await engine.setPaused(FIXTURES.scheduled, true);
      await engine.close();
    }
    const [newest] = (await store.runs.list({ limit: 1, types: ["scheduled"], dagIds: [FIXTURES.scheduled] })).items;
    expect(newest).toMatchObject({ discoveredBy: "poll", triggerId: null });
  });

  it("calls a run that we stopped cancelled, also when the feed shows it as failed", LONG, async () => {
    const run = await begin(FIXTURES.sleep);
    await becomes(run, "running");
    await control.actions.perform(actor, { verb: "run:stop", instance, ...run }, { deadlineMs: 60_000 });
    expect((await stored(run))?.record.state).toBe("cancelled");
    const at = (await stored(run))?.record.read?.at ?? 0;
    await eventually(
      async () => ((await store.readings.find(instance, "runs"))?.attemptedAt ?? 0) > at + 1_000,
      90_000,
    );
    expect((await stored(run))?.record).toMatchObject({ state: "cancelled", read: { run: { state: "failed" } } });
  });

  it("is found to have a deleted run no more, and the run keeps its end", LONG, async () => {
    const engine = stranger();
    const run = await begin(FIXTURES.ok);
    await becomes(run, "success");
    await engine.deleteRun(run);
    await engine.close();
    await eventually(async () => (await stored(run))?.record.goneAt !== null, 4 * PATIENCE_MS);
    expect((await stored(run))?.record.state).toBe("success");
  });
});
