import { toDagId, toInstanceId, toRunId, toRunKey } from "@airfleet/model";
import { createSimulator, type SimulatedInstance, type Simulator } from "@airfleet/simulator";
import { runKeyOf, type Store } from "@airfleet/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Control } from "../../src/index.ts";
import { actor, eventually } from "../fleet-fixture.ts";
import { stoppingControl } from "./stops-fixture.ts";

const instance = toInstanceId("sim");
const long = toDagId("long");
const RUNS = 40;
const canSee = (): boolean => true;

const begin = async (control: Control, store: Store, name: string, count: number): Promise<readonly string[]> => {
  const ids = Array.from({ length: count }, (_, n) => `${name}_${n}`);
  for (const runId of ids) {
    const intent = { verb: "run:trigger", instance, dagId: long, conf: {}, runId } as const;
    await control.actions.perform(actor, intent, { deadlineMs: 20_000 });
  }
  await eventually(async () => {
    const { items } = await store.runs.list({ limit: 1_000, dagIds: ["long"], runIdContains: name });
    return items.length === count;
  });
  return ids;
};

describe("stopping many runs", () => {
  let simulator: Simulator;
  let airflow: SimulatedInstance;

  beforeAll(async () => {
    simulator = createSimulator({ timeScale: 20 });
    const tasks = [{ taskId: "work", durationSeconds: 100_000 }];
    airflow = await simulator.addInstance({
      id: "sim",
      generation: 3,
      dags: [{ dagId: "long", maxActiveRuns: 1_000, tasks }],
    });
    airflow.world.dags.get("long")!.paused = false;
  });
  afterAll(() => simulator.close());

  it("shows what it would stop, stops all of it with an outcome each, and nothing else", async () => {
    const { control, store } = await stoppingControl(airflow);
    await begin(control, store, "bulk", RUNS);
    const [other = ""] = await begin(control, store, "other", 1);
    const query = { dagIds: ["long"], states: ["queued", "running"], runIdContains: "bulk" } as const;
    const request = { targets: { query }, wish: {}, canSee } as const;
    const seen = await control.stops.request(actor, { ...request, dryRun: true });
    expect(seen.tickets).toHaveLength(RUNS);
    expect(seen.tickets.every(({ action }) => action === null)).toBe(true);
    const asked = await control.stops.request(actor, { ...request, listHash: seen.hash, dryRun: false });
    expect(asked.hash).toBe(seen.hash);
    const ended = await control.stops.settle(asked, 60_000);
    expect(ended.tickets.map(({ action }) => action?.state)).toEqual(Array.from({ length: RUNS }, () => "done"));
    const { runs } = airflow.world.dags.get("long")!;
    expect([...runs.values()].filter(({ state }) => state === "failed")).toHaveLength(RUNS);
    expect(runs.get(other)?.state).not.toBe("failed");
    const [first] = ended.tickets;
    expect((await store.runs.find(first?.key ?? toRunKey("")))?.record.state).toBe("cancelled");
  });

  it("stops the runs that are named, and says of the others why not", async () => {
    const { control, store } = await stoppingControl(airflow);
    const [mine = ""] = await begin(control, store, "named", 1);
    const key = runKeyOf({ instance, dagId: long, runId: toRunId(mine) });
    const keys = [key, toRunKey("run_nobody"), key];
    const asked = await control.stops.request(actor, { targets: { keys }, wish: {}, canSee, dryRun: false });
    expect(asked.tickets.map(({ error, action }) => error?.code ?? action?.state)).toEqual([
      "pending",
      "RUN_KEY_UNKNOWN",
    ]);
    const ended = await control.stops.settle(asked, 30_000);
    expect(ended.tickets[0]?.action).toMatchObject({ state: "done" });
    const hidden = { targets: { keys: [key] }, wish: {}, canSee: () => false, dryRun: false } as const;
    const refused = await control.stops.request(actor, hidden);
    expect(refused.tickets).toMatchObject([{ run: null, error: { code: "RUN_KEY_UNKNOWN" } }]);
  });

  it("wants production to be confirmed, and the list to be the one that was looked at", async () => {
    const { control, store } = await stoppingControl(airflow, { tier: "production" });
    const [mine = ""] = await begin(control, store, "guarded", 1);
    const keys = [runKeyOf({ instance, dagId: long, runId: toRunId(mine) })];
    const request = { targets: { keys }, wish: {}, canSee, dryRun: false } as const;
    await expect(control.stops.request(actor, request)).rejects.toMatchObject({ code: "CONFIRMATION_NEEDED" });
    const wrong = { ...request, confirm: "sim", listHash: "another" };
    await expect(control.stops.request(actor, wrong)).rejects.toMatchObject({ code: "STOP_LIST_CHANGED" });
    expect(airflow.world.dags.get("long")?.runs.get(mine)?.state).not.toBe("failed");
    const asked = await control.stops.request(actor, { ...request, confirm: "sim" });
    expect((await control.stops.settle(asked, 30_000)).tickets[0]?.action).toMatchObject({ state: "done" });
  });
});
