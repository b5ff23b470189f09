import { mkdtemp, rm } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createAirflowEngine } from "@airfleet/airflow";
import { FIXTURES } from "@airfleet/engine";
import { type DagId, resolveInstanceConfig, type RunAddress, toInstanceId, toRunId, toTaskId } from "@airfleet/model";
import { openStore, runKeyOf, type Store } from "@airfleet/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { takeAirflow } from "../../../airflow/test/conformance/instance-under-trial.ts";
import { type Control, createControl } from "../../src/index.ts";
import { actor, eventually, fromFile } from "../fleet-fixture.ts";
import { processesOf } from "./stops-fixture.ts";

const PATIENCE_MS = 150_000;
const LONG = { timeout: 600_000 };

/** Whether the process is there and not merely waiting to be collected. */
const isAlive = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.[0] !== "Z";
  } catch {
    return false;
  }
};

describe.each([2, 3] as const)("stopping a run of a real Airflow %i", (generation) => {
  const instance = toInstanceId(`real${generation}`);
  let airflow: Awaited<ReturnType<typeof takeAirflow>>;
  const open: { readonly control: Control; readonly store: Store; readonly dataDir: string }[] = [];

  beforeAll(async () => {
    airflow = await takeAirflow(generation);
  });

  afterAll(async () => {
    for (const { control, store, dataDir } of open) {
      await control.close({ drainMs: 1_000 });
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
    }
    await airflow[Symbol.asyncDispose]();
  });

  /** @param sees Whether processes of this host may be looked at. */
  const aControl = async (
    sees: boolean,
    poll = false,
  ): Promise<{ readonly control: Control; readonly store: Store }> => {
    const dataDir = await mkdtemp(path.join(tmpdir(), "airfleet-real-stops-"));
    const store = await openStore({ dataDir });
    const { url, username, password } = airflow;
    const control = await createControl({
      store,
      createEngine: (config) => createAirflowEngine({ config }),
      loadInstances: () =>
        Promise.resolve([fromFile({ id: instance, url, auth: { type: "basic", username, password } })]),
      resolveSecrets: (config) => resolveInstanceConfig(config, () => ""),
      settings: { poll },
      ...(sees ? {} : { lookAtProcess: () => Promise.resolve({ state: "unknown", process: null }) }),
    });
    open.push({ control, store, dataDir });
    control.startReconcilers();
    return { control, store };
  };

  /** A run whose task `a` has a process. */
  const aRunningRun = async (control: Control, dagId: DagId): Promise<RunAddress & { readonly pid: number }> => {
    const runId = toRunId(`stop_${Math.random().toString(36).slice(2)}`);
    await control.actions.perform(
      actor,
      { verb: "run:trigger", instance, dagId, conf: {}, runId },
      { deadlineMs: 60_000 },
    );
    let pid = 0;
    await eventually(async () => {
      const tasks = await control.live.tasks(instance, { dagId, runId });
      const task = tasks.find(({ taskId }) => taskId === toTaskId("a"));
      pid = task?.state === "running" ? (task.pid ?? 0) : 0;
      return pid !== 0 && isAlive(pid);
    }, PATIENCE_MS);
    return { dagId, runId, pid };
  };

  it("is done by the end of the log, and the process is gone then", LONG, async () => {
    const { control } = await aControl(false);
    const { pid, ...run } = await aRunningRun(control, FIXTURES.sleep);
    const stopped = await control.actions.perform(
      actor,
      { verb: "run:stop", instance, ...run },
      { deadlineMs: 120_000 },
    );
    expect(isAlive(pid)).toBe(false);
    expect(stopped).toMatchObject({ state: "done", after: { state: "cancelled", tasks: { failed: 1, skipped: 2 } } });
    expect(Object.keys(processesOf(stopped))).toEqual(["a"]);
    expect(processesOf(stopped)["a"]).toMatchObject({ pid, process_gone: "confirmed", by: "log_end" });
  });

  it("is done by the pid where the worker is this host; with retries left nothing runs again", LONG, async () => {
    const { control } = await aControl(true);
    const { pid, ...run } = await aRunningRun(control, FIXTURES.retries);
    const stopped = await control.actions.perform(
      actor,
      { verb: "run:stop", instance, ...run },
      { deadlineMs: 120_000 },
    );
    expect(isAlive(pid)).toBe(false);
    expect(processesOf(stopped)["a"]).toMatchObject({ pid, process_gone: "confirmed", try_number: 1 });
    expect(["same_host_pid", "log_end"]).toContain(processesOf(stopped)["a"]?.["by"]);
    expect((await control.live.run(instance, run)).state).toBe("failed");
  });

  it("stays cancelled whatever the dying worker, the engine and later polls say", LONG, async () => {
    const { control, store } = await aControl(false, true);
    const { pid, ...run } = await aRunningRun(control, FIXTURES.sleep);
    const key = runKeyOf({ instance, ...run });
    await control.actions.perform(actor, { verb: "run:stop", instance, ...run }, { deadlineMs: 120_000 });
    expect(isAlive(pid)).toBe(false);
    const readAt = (await store.runs.find(key))?.record.read?.at ?? 0;
    await eventually(
      async () => ((await store.readings.find(instance, "runs"))?.attemptedAt ?? 0) > readAt + 12_000,
      PATIENCE_MS,
    );
    const { dagId, runId } = run;
    const heard = { kind: "heard", dagId, runId, source: "report", at: Date.now(), state: "failed" } as const;
    await store.runs.observe({ instance, observations: [heard] });
    const history = (await store.runs.history(key)).map(({ state }) => state);
    expect(history.slice(history.indexOf("cancelled"))).toEqual(
      history.slice(history.indexOf("cancelled")).map(() => "cancelled"),
    );
    expect((await store.runs.find(key))?.record).toMatchObject({
      state: "cancelled",
      read: { run: { state: "failed" } },
    });
  });

  it("deletes the engine's run after the end of its processes, when asked", LONG, async () => {
    const { control, store } = await aControl(false);
    const { pid, ...run } = await aRunningRun(control, FIXTURES.sleep);
    const intent = { verb: "run:stop", instance, ...run, delete: true } as const;
    const stopped = await control.actions.perform(actor, intent, { deadlineMs: 120_000 });
    expect(isAlive(pid)).toBe(false);
    expect(stopped).toMatchObject({ state: "done", after: { stage: "ended" } });
    await expect(control.live.run(instance, run)).rejects.toMatchObject({ code: "RUN_UNKNOWN" });
    const kept = (await store.runs.find(runKeyOf({ instance, ...run })))?.record;
    expect(kept?.state).toBe("cancelled");
    expect(kept?.goneAt).not.toBeNull();
  });
});
