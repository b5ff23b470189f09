import { toDagId, toRunId, toTaskId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { aDag, aRun, aTask, FakeInstance } from "./fake-instance.ts";
import { actor, aFleet, eventually, timedOut, unreachable } from "./fleet-fixture.ts";

const orders = toDagId("orders");
const deadline = { deadlineMs: 5_000 };

describe("pausing", () => {
  it("pauses, reads back, and shows the new state on the board at once", async () => {
    const fake = new FakeInstance("eu").add(aDag("orders"));
    const { control } = await aFleet([fake]);
    const intent = { verb: "dag:pause", instance: fake.id, dagId: orders, paused: true } as const;
    const action = await control.actions.perform(actor, intent, deadline);
    expect(action).toMatchObject({
      state: "done",
      before: { is_paused: false },
      after: { is_paused: true },
      actor: "local",
      error: null,
    });
    const { items } = await control.fleet.listDags({ limit: 10 });
    expect(items[0]?.cells[0]?.dag.isPaused).toBe(true);
  });

  it("warns that unpausing a scheduled DAG starts its last interval", async () => {
    const fake = new FakeInstance("eu").add(aDag("orders", { isPaused: true }));
    const { control } = await aFleet([fake]);
    const intent = { verb: "dag:pause", instance: fake.id, dagId: orders, paused: false } as const;
    const { warnings } = await control.actions.perform(actor, intent, deadline);
    expect(warnings.map(({ code }) => code)).toEqual(["UNPAUSE_STARTS_RUN"]);
  });

  it("sends a lost flip again, and gives up on one that is never kept", async () => {
    const fake = new FakeInstance("eu").add(aDag("orders"));
    fake.fault = (operation, when) => {
      if (operation === "setPaused" && when === "after") fake.add(aDag("orders"));
    };
    const { control } = await aFleet([fake]);
    const intent = { verb: "dag:pause", instance: fake.id, dagId: orders, paused: true } as const;
    const action = await control.actions.perform(actor, intent, deadline);
    expect(action).toMatchObject({ state: "failed", error: { code: "PAUSE_NOT_KEPT" } });
    expect(fake.count("setPaused")).toBe(3);
  });

  it("needs the instance's id on a production instance, unless the surface has promised to ask nothing", async () => {
    const fake = new FakeInstance("eu").add(aDag("orders"));
    const { control } = await aFleet([fake], { config: { tier: "production" } });
    const intent = { verb: "dag:pause", instance: fake.id, dagId: orders, paused: true } as const;
    await expect(control.actions.perform(actor, intent, deadline)).rejects.toMatchObject({
      code: "CONFIRMATION_NEEDED",
    });
    await expect(control.actions.perform(actor, { ...intent, confirm: "EU" }, deadline)).rejects.toMatchObject({
      code: "CONFIRMATION_NEEDED",
    });
    expect(fake.calls).toEqual([]);
    expect(await control.actions.perform(actor, { ...intent, confirm: "eu" }, deadline)).toMatchObject({
      state: "done",
    });
    expect(await control.actions.perform(actor, { ...intent, confirmed: true }, deadline)).toMatchObject({
      state: "done",
    });
  });
});

describe("triggering", () => {
  it("sends our own run id and reports that the DAG is paused", async () => {
    const fake = new FakeInstance("eu").add(aDag("orders", { isPaused: true }));
    const { control } = await aFleet([fake]);
    const intent = { verb: "run:trigger", instance: fake.id, dagId: orders, conf: { day: "x" } } as const;
    const action = await control.actions.perform(actor, intent, deadline);
    expect(action.runId).toMatch(/^airfleet__20\d\d-/);
    expect(fake.runs.get(`orders ${action.runId}`)?.conf).toEqual({ day: "x" });
    expect(action.warnings.map(({ code }) => code)).toEqual(["DAG_PAUSED"]);
    expect(action.after).toMatchObject({ dag_run_id: action.runId, created: true });
  });

  const password = { type: "basic", username: "airfleet", password: "secret" } as const;

  it("costs an Airflow 2 behind a password one call where a sweep saw lately that nothing is wrong", async () => {
    const fake = new FakeInstance("eu")
      .add(aDag("orders"))
      .add(aDag("paused", { isPaused: true }))
      .add(aDag("woken", { isPaused: true }));
    const { control } = await aFleet([fake], { config: { auth: password } });
    control.startReconcilers();
    await eventually(() => control.instances.get(fake.id).status.dagsObservedAt !== null);
    const warningsOf = async (dag: string): Promise<readonly string[]> => {
      const intent = { verb: "run:trigger", instance: fake.id, dagId: toDagId(dag), conf: {} } as const;
      return (await control.actions.perform(actor, intent, deadline)).warnings.map(({ code }) => code);
    };
    expect([await warningsOf("orders"), fake.count("getDag")]).toEqual([[], 0]);
    expect([await warningsOf("paused"), fake.count("getDag")]).toEqual([["DAG_PAUSED"], 1]);
    // Unpaused since the sweep: what was wrong is not told from memory.
    fake.add(aDag("woken"));
    expect([await warningsOf("woken"), fake.count("getDag")]).toEqual([[], 2]);
  });

  it("asks an instance to which a call is cheap how the DAG is now", async () => {
    const fake = new FakeInstance("eu").add(aDag("orders"));
    const { control } = await aFleet([fake], { config: { auth: { type: "bearer", token: "t" } } });
    control.startReconcilers();
    await eventually(() => control.instances.get(fake.id).status.dagsObservedAt !== null);
    fake.add(aDag("orders", { isPaused: true }));
    const intent = { verb: "run:trigger", instance: fake.id, dagId: orders, conf: {} } as const;
    const { warnings } = await control.actions.perform(actor, intent, deadline);
    expect([warnings.map(({ code }) => code), fake.count("getDag")]).toEqual([["DAG_PAUSED"], 1]);
  });

  it("makes one run of a hundred requests with one idempotency key", async () => {
    const fake = new FakeInstance("eu").add(aDag("orders"));
    const { control } = await aFleet([fake]);
    const intent = { verb: "run:trigger", instance: fake.id, dagId: orders, conf: {}, idempotencyKey: "k" } as const;
    const actions = await Promise.all(
      Array.from({ length: 100 }, () => control.actions.perform(actor, intent, deadline)),
    );
    expect(new Set(actions.map(({ id }) => id)).size).toBe(1);
    expect(fake.created).toBe(1);
    await expect(control.actions.perform(actor, { ...intent, conf: { other: 1 } }, deadline)).rejects.toMatchObject({
      code: "IDEMPOTENCY_KEY_REUSED",
    });
  });

  it("gives one key the same run id on every instance, and another caller another one", async () => {
    const [eu, us] = [new FakeInstance("eu").add(aDag("orders")), new FakeInstance("us").add(aDag("orders"))];
    const { control } = await aFleet([eu, us]);
    const trigger = (instance: FakeInstance, who = actor) =>
      control.actions.perform(
        who,
        { verb: "run:trigger", instance: instance.id, dagId: orders, conf: {}, idempotencyKey: "k" },
        deadline,
      );
    const here = await trigger(eu);
    expect((await trigger(us)).runId).toBe(here.runId);
    expect((await trigger(eu, { ...actor, id: "token:other" })).runId).not.toBe(here.runId);
  });

  it("refuses a bad run id and a disabled instance before anything is recorded", async () => {
    const fake = new FakeInstance("eu").add(aDag("orders"));
    const { control } = await aFleet([fake]);
    const intent = { verb: "run:trigger", instance: fake.id, dagId: orders, conf: {}, runId: "scheduled__x" } as const;
    await expect(control.actions.perform(actor, intent, deadline)).rejects.toMatchObject({ code: "RUN_ID_INVALID" });
    expect((await control.actions.list({ limit: 10 })).items).toEqual([]);
    const { control: disabled } = await aFleet([fake], { config: { enabled: false } });
    await expect(disabled.actions.perform(actor, { ...intent, runId: "mine" }, deadline)).rejects.toMatchObject({
      code: "INSTANCE_DISABLED",
    });
  });

  it("fails at once when the connection was refused, and says unknown when the answer was lost", async () => {
    const fake = new FakeInstance("eu").add(aDag("orders"));
    const { control } = await aFleet([fake]);
    const intent = { verb: "run:trigger", instance: fake.id, dagId: orders, conf: {} } as const;
    fake.fault = () => Promise.reject(unreachable("eu"));
    expect(await control.actions.perform(actor, intent, deadline)).toMatchObject({
      state: "failed",
      error: { code: "INSTANCE_UNREACHABLE" },
    });
    fake.fault = (operation, when) => {
      if (operation === "trigger" && when === "after") throw timedOut("eu");
    };
    expect(await control.actions.perform(actor, intent, deadline)).toMatchObject({
      state: "unknown",
      error: { code: "INSTANCE_TIMEOUT" },
    });
  });

  it("keeps secrets of the conf out of the action and the audit trail", async () => {
    const fake = new FakeInstance("eu").add(aDag("orders"));
    const { control, store } = await aFleet([fake]);
    const conf = { db_password: "canary-1", nested: [{ apiToken: "canary-2" }], url: "postgres://u:canary-3@h/d" };
    const intent = { verb: "run:trigger", instance: fake.id, dagId: orders, conf } as const;
    const action = await control.actions.perform(actor, intent, deadline);
    const audit = await store.audit.list({ limit: 10 });
    expect(JSON.stringify([action, audit, await store.events.list({ after: 0, limit: 10 })])).not.toContain("canary");
    expect(fake.runs.get(`orders ${action.runId}`)?.conf).toEqual(conf);
  });
});

describe("clearing", () => {
  const run = { dagId: orders, runId: toRunId("r1") };
  const failedRun = (): FakeInstance =>
    new FakeInstance("eu")
      .add(aDag("orders"))
      .addRun(aRun("orders", "r1", { state: "failed" }), [aTask(run, "a"), aTask(run, "b", { state: "failed" })]);
  const intent = {
    verb: "run:clear",
    instance: new FakeInstance("eu").id,
    ...run,
    onlyFailed: true,
    dryRun: false,
  } as const;

  it("clears the failed tasks and keeps what they were", async () => {
    const fake = failedRun();
    const { control } = await aFleet([fake]);
    const action = await control.actions.perform(actor, intent, deadline);
    expect(action).toMatchObject({
      state: "done",
      before: {
        tasks: [
          { task_id: "a", state: "success" },
          { task_id: "b", state: "failed", try_number: 1 },
        ],
      },
      after: { dry_run: false, tasks: [{ task_id: "b", state_before: "failed" }] },
    });
  });

  it("says so when there was nothing to clear", async () => {
    const fake = failedRun();
    const { control } = await aFleet([fake]);
    expect(await control.actions.perform(actor, intent, deadline)).toMatchObject({ state: "done", warnings: [] });
    expect(await control.actions.perform(actor, intent, deadline)).toMatchObject({
      state: "done",
      after: { tasks: [] },
      warnings: [{ code: "NOTHING_CLEARED" }],
    });
  });

  it("changes nothing in a dry run, which no tier asks to confirm", async () => {
    const fake = failedRun();
    const { control } = await aFleet([fake], { config: { tier: "production" } });
    const action = await control.actions.perform(actor, { ...intent, dryRun: true }, deadline);
    expect(action).toMatchObject({ state: "done", after: { dry_run: true, tasks: [{ task_id: "b" }] } });
    expect(fake.cleared).toBe(0);
  });

  it("finds by the tries that a clear has happened whose answer was lost, without sending it again", async () => {
    const fake = failedRun();
    fake.fault = (operation, when) => {
      if (operation === "clear" && when === "after") throw timedOut("eu");
    };
    const { control } = await aFleet([fake]);
    expect(await control.actions.perform(actor, intent, deadline)).toMatchObject({
      state: "done",
      after: { read_back: true, tasks: [{ task_id: "b" }] },
    });
    expect(fake.cleared).toBe(1);
  });

  it("says unknown when the tries do not tell", async () => {
    const fake = failedRun();
    fake.fault = (operation, when) => {
      if (operation === "clear" && when === "before") throw timedOut("eu");
    };
    const { control } = await aFleet([fake]);
    expect(await control.actions.perform(actor, intent, deadline)).toMatchObject({
      state: "unknown",
      error: { code: "CLEAR_OUTCOME_UNKNOWN" },
    });
  });
});

describe("stopping, marking and deleting runs", () => {
  const run = { dagId: orders, runId: toRunId("r1") };
  const running = (): FakeInstance =>
    new FakeInstance("eu")
      .add(aDag("orders"))
      .addRun(aRun("orders", "r1", { state: "running" }), [aTask(run, "a", { state: "running" })]);

  it("fails the run, reads back that nothing runs, and records it as cancelled", async () => {
    const fake = running();
    const { control } = await aFleet([fake]);
    const action = await control.actions.perform(actor, { verb: "run:stop", instance: fake.id, ...run }, deadline);
    expect(action).toMatchObject({
      state: "done",
      before: { state: "running" },
      after: { state: "cancelled", engine_state: "failed", tasks: { failed: 1 }, still_running: [] },
    });
  });

  it("leaves a run alone that had ended", async () => {
    const fake = running().addRun(aRun("orders", "r1", { state: "success" }));
    const { control } = await aFleet([fake]);
    const action = await control.actions.perform(actor, { verb: "run:stop", instance: fake.id, ...run }, deadline);
    expect(action).toMatchObject({ state: "done", after: { state: "success" } });
    expect(action.warnings.map(({ code }) => code)).toEqual(["RUN_FINISHED_ALREADY"]);
    expect(fake.count("setRunState")).toBe(0);
  });

  it("refuses to delete a run that is not finished, and deletes one that is", async () => {
    const fake = running();
    const { control } = await aFleet([fake]);
    const intent = { verb: "run:delete", instance: fake.id, ...run } as const;
    expect(await control.actions.perform(actor, intent, deadline)).toMatchObject({ error: { code: "RUN_ACTIVE" } });
    fake.addRun(aRun("orders", "r1", { state: "failed" }));
    expect(await control.actions.perform(actor, intent, deadline)).toMatchObject({
      state: "done",
      before: { state: "failed" },
      after: { deleted: true },
    });
  });

  it("says that a run is not there", async () => {
    const fake = new FakeInstance("eu").add(aDag("orders"));
    const { control } = await aFleet([fake]);
    const intent = { verb: "run:set_state", instance: fake.id, ...run, state: "success" } as const;
    expect(await control.actions.perform(actor, intent, deadline)).toMatchObject({
      state: "failed",
      error: { code: "RUN_UNKNOWN" },
    });
  });

  it("sets a task's state and reads it back", async () => {
    const fake = running();
    const { control } = await aFleet([fake]);
    const intent = {
      verb: "task:set_state",
      instance: fake.id,
      ...run,
      taskId: toTaskId("a"),
      mapIndex: -1,
      state: "success",
      dryRun: false,
    } as const;
    expect(await control.actions.perform(actor, intent, deadline)).toMatchObject({
      before: { state: "running" },
      after: { state: "success" },
    });
  });

  it("writes a connection and keeps its password out of everything that is shown", async () => {
    const fake = new FakeInstance("eu");
    const { control, store } = await aFleet([fake]);
    const entry = {
      kind: "connection",
      key: "known",
      connType: "postgres",
      password: "canary",
      extra: "canary",
    } as const;
    const action = await control.actions.perform(actor, { verb: "config:write", instance: fake.id, entry }, deadline);
    expect(action).toMatchObject({ state: "done", after: { value_hash: "abc" } });
    // The entry's name is no secret, though it is called a key.
    expect(action.request).toMatchObject({ key: "known", conn_type: "postgres", password: "***" });
    expect(action.request).not.toHaveProperty("connType");
    expect(action.after).not.toHaveProperty("key");
    expect(JSON.stringify([action, await store.audit.list({ limit: 10 })])).not.toContain("canary");
  });
});
