import { toActionId, toInstanceId, toRunId } from "@airfleet/model";
import { createSimulator, type SimulatedInstance, type Simulator } from "@airfleet/simulator";
import { runKeyOf } from "@airfleet/store";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { actor, eventually } from "../fleet-fixture.ts";
import { aRunningRun, processesOf, sleeper, SLEEPER, stoppingControl } from "./stops-fixture.ts";

const instance = toInstanceId("sim");
const soon = { deadlineMs: 20_000 };
const NO_LOGS = {
  fault: { kind: "status", status: 404 },
  method: "GET",
  path: "/api/*/dags/*/dagRuns/*/taskInstances/*/logs/*",
} as const;

describe.each([2, 3] as const)("stopping a run of a simulated Airflow %i", (generation) => {
  let simulator: Simulator;
  let airflow: SimulatedInstance;

  beforeAll(async () => {
    simulator = createSimulator({ timeScale: 10 });
    airflow = await simulator.addInstance({ id: "sim", generation, dags: [SLEEPER] });
    airflow.world.dags.get("sleeper")!.paused = false;
  });
  afterAll(() => simulator.close());

  it("is done when the log tells that the process is gone, and says so", async () => {
    const { control, store } = await stoppingControl(airflow);
    const run = await aRunningRun(control, airflow);
    const stopped = await control.actions.perform(actor, { verb: "run:stop", instance, ...run }, soon);
    expect(stopped).toMatchObject({
      state: "done",
      before: { state: "running" },
      after: { state: "cancelled", engine_state: "failed", stage: "ended", still_running: [] },
    });
    const { work, quick, after } = processesOf(stopped);
    expect(work).toMatchObject({ state_before: "running", process_gone: "confirmed", by: "log_end", try_number: 1 });
    expect(quick).toMatchObject({ state_before: "success" });
    expect(after).toBeUndefined();
    const key = runKeyOf({ instance, ...run });
    expect((await store.runs.find(key))?.record.state).toBe("cancelled");
    expect(await control.stops.newest(key)).toMatchObject({ stage: "ended", actionId: stopped.id });
  });

  it("answers before the end when the caller does not wait, and shows how far it is", async () => {
    const { control } = await stoppingControl(airflow);
    const run = await aRunningRun(control, airflow);
    const intent = { verb: "run:stop", instance, ...run } as const;
    const asked = await control.actions.perform(actor, intent, { deadlineMs: 0, onTrouble: "retry" });
    expect(asked).toMatchObject({ state: "pending" });
    const joined = await control.actions.perform(actor, intent, soon);
    expect(joined.id).toBe(asked.id);
    expect(joined).toMatchObject({ state: "done", after: { stage: "ended" } });
    const again = await control.actions.perform(actor, intent, soon);
    expect(again.id).not.toBe(asked.id);
    expect(again.warnings.map(({ code }) => code)).toEqual(["RUN_FINISHED_ALREADY"]);
    expect(again).toMatchObject({ state: "done", after: { state: "failed" } });
  });

  it("is presumed when the log is silent, after the time of the setting", async () => {
    const { control } = await stoppingControl(airflow, { limits: { presume_gone_seconds: 2 } });
    const run = await aRunningRun(control, airflow);
    const fault = airflow.faults.add(NO_LOGS);
    const stopped = await control.actions.perform(actor, { verb: "run:stop", instance, ...run }, soon);
    fault.remove();
    expect(fault.fired).toBeGreaterThan(0);
    expect(stopped).toMatchObject({ state: "done", after: { state: "cancelled" } });
    expect(processesOf(stopped)["work"]).toMatchObject({ process_gone: "presumed", by: null });
    expect(Number(processesOf(stopped)["work"]?.["silent_seconds"])).toBeGreaterThanOrEqual(2);
    expect(stopped.warnings.map(({ code }) => code)).toEqual(["PROCESSES_PRESUMED_GONE"]);
  });

  it("fails when the bound is over before, naming the task with its process", async () => {
    const { control, store } = await stoppingControl(airflow, { limits: { presume_gone_seconds: 60 } });
    const run = await aRunningRun(control, airflow);
    const fault = airflow.faults.add(NO_LOGS);
    const intent = { verb: "run:stop", instance, ...run, waitSeconds: 2 } as const;
    const stopped = await control.actions.perform(actor, intent, soon);
    fault.remove();
    expect(stopped).toMatchObject({ state: "failed", error: { code: "RUN_STOP_UNCONFIRMED" } });
    expect(stopped.error?.message).toMatch(/work \(pid \d+ on /);
    expect(stopped.after).toMatchObject({ state: "cancelled", stage: "ended" });
    expect(processesOf(stopped)["work"]).toMatchObject({ process_gone: "alive", by: null });
    expect((await store.runs.find(runKeyOf({ instance, ...run })))?.record.state).toBe("cancelled");
  });

  it("deletes the engine's run when it is asked to, and only when its processes are gone; ours stays", async () => {
    const { control, store } = await stoppingControl(airflow);
    const run = await aRunningRun(control, airflow);
    const intent = { verb: "run:stop", instance, ...run, delete: true } as const;
    const stopped = await control.actions.perform(actor, intent, soon);
    expect(stopped).toMatchObject({ state: "done", after: { stage: "ended" } });
    expect(stopped.after?.["deleted_at"]).not.toBeNull();
    expect(processesOf(stopped)["work"]).toMatchObject({ process_gone: "confirmed" });
    expect(airflow.world.dags.get("sleeper")?.runs.has(run.runId)).toBe(false);
    const kept = await store.runs.find(runKeyOf({ instance, ...run }));
    expect(kept?.record).toMatchObject({ state: "cancelled" });
    expect(kept?.record.goneAt).not.toBeNull();
  });

  it("calls off the trigger of a run that was not started yet, also while the instance is away", async () => {
    const { control, store } = await stoppingControl(airflow);
    await airflow.down();
    onTestFinished(() => airflow.up());
    const place = { instance, dagId: sleeper, runId: toRunId(`waits_${generation}`) };
    const trigger = { verb: "run:trigger", ...place, conf: {} } as const;
    await control.actions.perform(actor, trigger, { deadlineMs: 0, onTrouble: "retry" });
    await eventually(async () => (await store.triggers.findByRun(place))?.state === "pending");
    const stopped = await control.actions.perform(actor, { verb: "run:stop", ...place }, soon);
    expect(stopped).toMatchObject({ state: "done", after: { state: "cancelled" } });
    expect(stopped.warnings.map(({ code }) => code)).toEqual(["TRIGGER_CANCELLED"]);
    expect((await store.triggers.findByRun(place))?.state).toBe("cancelled");
    await airflow.up();
    expect(await control.actions.perform(actor, { verb: "run:stop", ...place }, soon)).toMatchObject({ state: "done" });
    expect(airflow.world.dags.get("sleeper")?.runs.has(place.runId)).toBe(false);
  });

  it("is told again when somebody makes the run run again before its processes are gone", async () => {
    const { control } = await stoppingControl(airflow);
    const run = await aRunningRun(control, airflow);
    const intent = { verb: "run:stop", instance, ...run } as const;
    await control.actions.perform(actor, intent, { deadlineMs: 0, onTrouble: "retry" });
    const record = airflow.world.dags.get("sleeper")?.runs.get(run.runId);
    await eventually(() => record?.state === "failed");
    const clear = { verb: "run:clear", instance, ...run, onlyFailed: true, dryRun: false } as const;
    expect(await control.actions.perform(actor, clear, soon)).toMatchObject({ state: "done" });
    const ended = await control.actions.perform(actor, intent, soon);
    expect(ended).toMatchObject({ state: "done" });
    expect(record?.state).toBe("failed");
  });

  it("is ended by the next one when a server dies after the stop's last step and before its outcome is written", async () => {
    const { control, store } = await stoppingControl(airflow);
    const run = await aRunningRun(control, airflow);
    const intent = { verb: "run:stop", instance, ...run, delete: true } as const;
    const { id } = await control.actions.perform(actor, intent, { deadlineMs: 0, onTrouble: "retry" });
    const stop = () => store.stops.find(toActionId(id));
    await eventually(async () => (await stop())?.stoppedAt !== null);
    const gone = { kind: "presumed", at: Date.now(), silentMs: 1_000 } as const;
    const tasks = ((await stop())?.tasks ?? []).map((task) => ({ ...task, gone }));
    await store.stops.change(toActionId(id), { stage: "ended", tasks });
    await eventually(async () => (await control.actions.get(id)).state !== "pending");
    expect(await control.actions.get(id)).toMatchObject({ state: "done", error: null });
    expect(airflow.world.dags.get("sleeper")?.runs.has(run.runId)).toBe(false);
  });

  it("goes on through trouble of the instance's, and is told once that counts", async () => {
    const { control } = await stoppingControl(airflow);
    const run = await aRunningRun(control, airflow);
    const fault = airflow.faults.add({
      fault: { kind: "reset" },
      method: "POST",
      path: "/api/*/dags/~/dagRuns/~/taskInstances/list",
      after: 1,
      times: 3,
    });
    const stopped = await control.actions.perform(actor, { verb: "run:stop", instance, ...run }, soon);
    expect(fault.fired).toBe(3);
    expect(stopped).toMatchObject({ state: "done", after: { state: "cancelled" } });
    expect(processesOf(stopped)["work"]).toMatchObject({ process_gone: "confirmed", by: "log_end" });
  });
});
