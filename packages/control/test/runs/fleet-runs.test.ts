import { parseSelector, type Run, type RunObservation, toInstanceId, toRunKey } from "@airfleet/model";
import { runKeyOf, type Store } from "@airfleet/store";
import { expect, it } from "vitest";
import type { Control } from "../../src/index.ts";
import { aDag, aRun, aTask, FakeInstance } from "../fake-instance.ts";
import { aFleet, unreachable } from "../fleet-fixture.ts";

const read = (run: Run, at = Date.parse("2026-11-20T04:00:00Z")): RunObservation => ({
  kind: "read",
  dagId: run.dagId,
  runId: run.runId,
  source: "poll",
  at,
  run,
});
const ended = (
  dagId: string,
  runId: string,
  state: "success" | "failed",
  day: number,
  more: Partial<Run> = {},
): Run => {
  const date = `2026-11-${String(day).padStart(2, "0")}T03:00:00Z`;
  return aRun(dagId, runId, {
    state,
    engineState: state,
    logicalDate: date,
    runAfter: date,
    startedAt: date,
    endedAt: date.replace("T03:00", "T03:10"),
    ...more,
  });
};

const eu = "eu-1";
const us = "us-1";
const everyone = () => true;

/** Two instances with the same DAGs; `orders` has the tag `tier1` on `eu-1` only. */
const aFleetWithRuns = async (): Promise<{
  control: Control;
  store: Store;
  instances: [FakeInstance, FakeInstance];
}> => {
  const aDeployment = (id: string): FakeInstance =>
    new FakeInstance(id)
      .add(aDag("orders", { tags: id === eu ? ["tier1"] : [] }))
      .add(aDag("stock", { tags: ["tier1"] }));
  const instances: [FakeInstance, FakeInstance] = [aDeployment(eu), aDeployment(us)];
  const { control, store } = await aFleet(instances);
  for (const instance of instances) {
    const { id, dags } = instance;
    await store.dags.observe(id, [...dags.values()], Date.now());
    const runs = [
      ended("orders", "o1", "failed", 1, { conf: { id: 7 } }),
      ended("orders", "o2", "success", 2),
      ended("stock", "s1", "failed", 3, { note: "late one" }),
    ];
    for (const run of runs) instance.addRun(run);
    await store.runs.observe({ instance: id, observations: runs.map((run) => read(run)) });
  }
  return { control, store, instances };
};

const namesOf = (page: {
  readonly items: readonly { readonly run: { instance: string; record: { runId: string } } }[];
}) => page.items.map(({ run }) => `${run.instance} ${run.record.runId}`);
const select = (control: Control, text: string, more: object = {}) =>
  control.runs.list({ limit: 10, selector: parseSelector(text, "runs"), ...more });

it("lists the runs of the fleet newest due first, with how fresh they are", async () => {
  const { control } = await aFleetWithRuns();
  const page = await control.runs.list({ limit: 10 });
  expect(namesOf(page).map((name) => name.split(" ")[1])).toEqual(["s1", "s1", "o2", "o2", "o1", "o1"]);
  // Nothing is polled here, so what is known may be old.
  expect(page.items[0]).toMatchObject({ stale: true, observedAt: Date.parse("2026-11-20T04:00:00Z") });
});

it.each([
  ["instance=eu-*", ["eu-1 s1", "eu-1 o2", "eu-1 o1"]],
  ["tag=tier1 state=failed", ["us-1 s1", "eu-1 s1", "eu-1 o1"]],
  ["tag=tier1 dag=orders", ["eu-1 o2", "eu-1 o1"]],
  ["tag!=tier1", ["us-1 o2", "us-1 o1"]],
  ["instance=us-1 !later_success", ["us-1 s1"]],
  ["conf.id=7 instance=eu-1", ["eu-1 o1"]],
  ["note=late instance=eu-1", ["eu-1 s1"]],
  ["due<2026-11-02T00:00:00Z instance=eu-1", ["eu-1 o1"]],
  ["duration>=10m duration<=10m dag=stock instance=eu-1", ["eu-1 s1"]],
  ["duration>10m", []],
  ["dag=unknown*", []],
  ["instance=nowhere", []],
])("finds with %s: %j", async (text, expected) => {
  const { control } = await aFleetWithRuns();
  expect(namesOf(await select(control, text)).toSorted()).toEqual(expected.toSorted());
});

it("narrows a selector by the rest of the request, and never widens it", async () => {
  const { control } = await aFleetWithRuns();
  expect(namesOf(await select(control, "instance=*", { instances: [us], states: ["success"] }))).toEqual(["us-1 o2"]);
  expect(namesOf(await select(control, "instance=eu-1", { instances: [us] }))).toEqual([]);
  expect(namesOf(await select(control, "state=failed", { states: ["success"] }))).toEqual([]);
  await expect(select(control, "note=a", { noteContains: "b" })).rejects.toMatchObject({ code: "SELECTOR_INVALID" });
});

it("pages through what a selector leaves, each run once", async () => {
  const { control } = await aFleetWithRuns();
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = await select(control, "tag=tier1 since=52w", { limit: 1, ...(after === undefined ? {} : { after }) });
    seen.push(...namesOf(page));
    after = page.next ?? undefined;
  } while (after !== undefined);
  expect(seen.toSorted()).toEqual(["eu-1 o1", "eu-1 o2", "eu-1 s1", "us-1 s1"]);
  await expect(select(control, "tag=tier1", { after: "zzz" })).rejects.toMatchObject({ code: "CURSOR_INVALID" });
});

const keyOf = (runId: string, dagId = "orders") => {
  const { dagId: dag, runId: run } = aRun(dagId, runId);
  return runKeyOf({ instance: toInstanceId(eu), dagId: dag, runId: run });
};

it("answers a run out of sight as one that does not exist", async () => {
  const { control } = await aFleetWithRuns();
  const textOf = async (answer: Promise<unknown>, run: string): Promise<string> =>
    String(await answer.catch((error: unknown) => error)).replace(keyOf(run), "X");
  const hidden = textOf(
    control.runs.get(keyOf("o1"), (instance) => instance === us),
    "o1",
  );
  const absent = textOf(control.runs.get(toRunKey(keyOf("none")), everyone), "none");
  expect(await hidden).toBe(await absent);
  await expect(control.runs.get(keyOf("o1"), everyone)).resolves.toMatchObject({ instance: { id: eu } });
});

it("reads a run from its engine when asked, and remembers what it said", async () => {
  const { control, instances } = await aFleetWithRuns();
  const run = await control.runs.get(keyOf("o1"), everyone);
  instances[0].addRun(ended("orders", "o1", "success", 1, { note: "fixed by hand" }));
  expect((await control.runs.refresh(run)).run.record).toMatchObject({ state: "success", goneAt: null });
  instances[0].runs.clear();
  const gone = await control.runs.refresh(run);
  expect(gone.run.record.state).toBe("success");
  expect(gone.run.record.goneAt).not.toBeNull();
});

it("shows tasks live, and as last read when the engine cannot be asked or has them no more", async () => {
  const { control, store, instances } = await aFleetWithRuns();
  const [instance] = instances;
  const run = await control.runs.get(keyOf("o1"), everyone);
  const task = aTask(run.run.record, "load", { state: "failed" });
  instance.addRun(ended("orders", "o1", "failed", 1), [task]);
  expect(await control.runs.tasks(run, "best")).toMatchObject({ source: "live", tasks: [{ taskId: "load" }] });
  await store.runs.putTasks([{ key: keyOf("o1"), tasks: [task] }], 1);
  expect(await control.runs.tasks(run, "stored")).toMatchObject({ source: "stored", observedAt: 1 });
  expect(await control.runs.tasks(run, "best")).toMatchObject({ source: "live" });
  instance.fault = (operation) => {
    if (operation === "listTaskInstances") throw unreachable(eu);
  };
  expect(await control.runs.tasks(run, "best")).toMatchObject({ source: "stored", observedAt: 1 });
  await expect(control.runs.tasks(run, "live")).rejects.toMatchObject({ code: "INSTANCE_UNREACHABLE" });
});

it("reads the tasks of an ended run no more once they were read after its end", async () => {
  const { control, store, instances } = await aFleetWithRuns();
  const run = await control.runs.get(keyOf("o1"), everyone);
  await store.runs.putTasks(
    [{ key: keyOf("o1"), tasks: [aTask(run.run.record, "load")] }],
    Date.parse("2026-11-20T04:00:00Z"),
  );
  expect(await control.runs.tasks(run, "best")).toMatchObject({ source: "stored" });
  expect(instances[0].count("listTaskInstances")).toBe(0);
});

it("shows the tries of a task as they were read once the engine cannot tell them", async () => {
  const { control, store, instances } = await aFleetWithRuns();
  const [instance] = instances;
  const address = aRun("orders", "o1");
  const [first, second] = [1, 2].map((tryNumber) => aTask(address, "load", { tryNumber, state: "failed" }));
  instance.tries.set("orders o1 load -1", [first, second]);
  const run = await control.runs.get(keyOf("o1"), everyone);
  expect(await control.runs.tries(run, second)).toMatchObject({ source: "live", tasks: [first, second] });
  instance.runs.delete("orders o1");
  await expect(control.runs.tries(run, second)).rejects.toMatchObject({ code: "RUN_UNKNOWN" });
  await store.runs.putTasks([{ key: keyOf("o1"), tasks: [first] }], 1);
  await store.runs.putTasks([{ key: keyOf("o1"), tasks: [second] }], 2);
  expect(await control.runs.tries(run, second)).toMatchObject({
    source: "stored",
    tasks: [{ tryNumber: 1 }, { tryNumber: 2 }],
    observedAt: 2,
  });
});
