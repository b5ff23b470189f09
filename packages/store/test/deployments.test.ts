import { toDagId, toInstanceId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import type { NewArtifact, NewDeployment, Store, StoredDeployment } from "../src/index.ts";
import { backends, PATIENT } from "./backends.ts";

const eu = toInstanceId("eu");
const dagId = toDagId("pipeline_a");
const author = { actor: "token:ci", sourceIp: "10.0.0.1", requestId: "r1" };

const artifact = (name: string, changes: Partial<NewArtifact> = {}): NewArtifact => ({
  id: `art_${name}`,
  kind: "airflow",
  pipelineId: "a",
  pipelineName: "Orders",
  revision: 1,
  planHash: `plan_${name}`,
  hash: `hash_${name}`,
  dagId,
  fileName: "pipeline_a.py",
  body: `# ${name}\n`,
  lines: [{ line: 1, node: null }],
  taskIds: ["read", "write"],
  runtime: "airfleet_runtime_1",
  ...changes,
});
const aDeployment = (name: string, changes: Partial<NewArtifact> = {}): NewDeployment => ({
  artifact: artifact(name, changes),
  instance: eu,
  origin: "deploy",
});
const recordOne = async (store: Store, deployment: NewDeployment): Promise<StoredDeployment> => {
  const recorded = await store.deployments.record([deployment], author);
  return recorded.at(0)!;
};
const eventsOf = async (store: Store) => {
  await store.events.sequence();
  const events = await store.events.list({ after: 0, limit: 100 });
  return events.map(({ kind, payload }) => `${kind} ${String(payload["state"])}`);
};

describe.each(backends)("deployments ($name)", PATIENT, (backend) => {
  it("are recorded with their artifact, audited and told, and the newest supersedes what is under way", async () => {
    await using room = await backend.freshPlace();
    await using store = await room.open();
    const first = await recordOne(store, aDeployment("1"));
    expect(first).toMatchObject({ state: "pending", generation: 1, isNew: true, tasksChanged: false, error: null });
    expect(first.stateTimes.pending).toBe(first.createdAt);
    const second = await recordOne(store, aDeployment("2", { taskIds: ["read"] }));
    expect(second).toMatchObject({ generation: 2, isNew: true, tasksChanged: true });
    expect((await store.deployments.find(first.id))?.state).toBe("superseded");
    // The first was never served, so the third is compared with what may be in the engine's cache still.
    const third = await recordOne(store, aDeployment("3", { taskIds: ["read"] }));
    expect(third.tasksChanged).toBe(true);
    expect(await store.deployments.newest(eu, dagId)).toEqual(third);
    expect((await store.deployments.artifact("art_2"))?.taskIds).toEqual(["read"]);
    expect(await eventsOf(store)).toEqual([
      "deployment.recorded pending",
      "deployment.changed superseded",
      "deployment.recorded pending",
      "deployment.changed superseded",
      "deployment.recorded pending",
    ]);
    const { items } = await store.audit.list({ limit: 10 });
    expect(items.map(({ actor, verb, outcome }) => [actor, verb, outcome])[0]).toEqual([
      "token:ci",
      "deployment:deploy",
      "requested",
    ]);
  });

  it("that come at once get one generation each", async () => {
    await using room = await backend.freshPlace();
    await using store = await room.open();
    const names = ["1", "2", "3", "4", "5"];
    await Promise.all(names.map((name) => recordOne(store, aDeployment(name))));
    const { items } = await store.deployments.list({ limit: 10 });
    expect(items.map(({ generation }) => generation).toSorted((left, right) => left - right)).toEqual([1, 2, 3, 4, 5]);
    expect(items.filter(({ state }) => state === "pending")).toHaveLength(1);
    expect(items.find(({ state }) => state === "pending")?.generation).toBe(5);
  });

  it("are changed only by who has read them last", async () => {
    await using room = await backend.freshPlace();
    await using store = await room.open();
    const read = await recordOne(store, aDeployment("1"));
    const written = await store.deployments.change(read, { state: "written", target: "folder /dags" });
    expect(written).toMatchObject({ state: "written", target: "folder /dags", rowVersion: 2 });
    expect(await store.deployments.change(read, { state: "failed" })).toBeUndefined();
    const error = { code: "X", message: "m\u0000", node: "n", field: null, line: 3 };
    const broken = await store.deployments.change(written as StoredDeployment, { state: "broken", error, dueAt: null });
    expect(broken?.error).toMatchObject({ code: "X", node: "n", line: 3 });
    await store.audit.sequence();
    const { items } = await store.audit.list({ limit: 10, verbs: ["deployment:settle"] });
    expect(items.map(({ outcome }) => outcome)).toEqual(["failed"]);
  });

  it("are found when they are due, by instance", async () => {
    await using room = await backend.freshPlace();
    await using store = await room.open();
    const now = Date.now() + 60_000;
    const one = await recordOne(store, aDeployment("1"));
    await store.deployments.record([{ ...aDeployment("2"), instance: toInstanceId("us") }], author);
    expect((await store.deployments.due(now)).instances.toSorted()).toEqual(["eu", "us"]);
    await store.deployments.change(one, { dueAt: now + 500 });
    expect(await store.deployments.due(now)).toEqual({ instances: ["us"], next: now + 500 });
    expect(await store.deployments.open(eu, now, 10)).toEqual([]);
    expect(await store.deployments.open(eu, now + 500, 10)).toHaveLength(1);
  });

  it("know what was served before them, and which runtimes are in use", async () => {
    await using room = await backend.freshPlace();
    await using store = await room.open();
    const runtime = { name: "airfleet_runtime_1", files: { "a.py": "1" } };
    await store.deployments.keepRuntime(runtime);
    await store.deployments.keepRuntime({ ...runtime, files: {} });
    expect(await store.deployments.runtime(runtime.name)).toEqual(runtime);
    const first = await recordOne(store, aDeployment("1"));
    const live = await store.deployments.change(first, { state: "live" });
    await store.deployments.change(live as StoredDeployment, { state: "triggerable", dueAt: null });
    const never = await recordOne(store, aDeployment("2", { runtime: "airfleet_runtime_2" }));
    const third = await recordOne(store, aDeployment("3", { runtime: "airfleet_runtime_3" }));
    expect(third).toMatchObject({ isNew: false, tasksChanged: false });
    expect((await store.deployments.before(third))?.id).toBe(first.id);
    expect((await store.deployments.find(never.id))?.state).toBe("superseded");
    expect((await store.deployments.usedRuntimes(eu, Date.now() + 60_000)).toSorted()).toEqual([
      "airfleet_runtime_1",
      "airfleet_runtime_3",
    ]);
    await store.deployments.supersedeBefore(third);
    expect((await store.deployments.find(first.id))?.state).toBe("superseded");
    expect(await store.deployments.usedRuntimes(eu, Date.now() + 60_000)).toEqual(["airfleet_runtime_3"]);
  });

  it("are taken away, after which the next is a first one again", async () => {
    await using room = await backend.freshPlace();
    await using store = await room.open();
    expect(await store.deployments.recordRemoval({ instance: eu, dagId }, author)).toBeUndefined();
    await recordOne(store, aDeployment("1"));
    const removing = await store.deployments.recordRemoval({ instance: eu, dagId }, author);
    expect(removing?.state).toBe("removing");
    await store.deployments.change(removing as StoredDeployment, { state: "removed", dueAt: null });
    expect(await store.deployments.recordRemoval({ instance: eu, dagId }, author)).toBeUndefined();
    expect(await recordOne(store, aDeployment("2"))).toMatchObject({ isNew: true, generation: 2 });
    const current = await store.deployments.list({ limit: 10, isCurrent: true });
    expect(current.items.map(({ generation }) => generation)).toEqual([2]);
    const page = await store.deployments.list({ limit: 1 });
    const rest = await store.deployments.list({ limit: 1, after: page.next as string });
    expect([...page.items, ...rest.items].map(({ generation }) => generation)).toEqual([2, 1]);
  });
});
