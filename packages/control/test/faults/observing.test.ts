import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { toInstanceId } from "@airfleet/model";
import { createSimulator, type DagSpec, type SimulatedInstance } from "@airfleet/simulator";
import type { Store } from "@airfleet/store";
import { describe, expect, it, onTestFinished } from "vitest";
import { backends } from "../../../store/test/backends.ts";
import { eventually } from "../fleet-fixture.ts";
import { controlOf } from "../runs/simulated-control.ts";
import type { ObserverOrder } from "./observer.ts";

const ticking: DagSpec = { dagId: "ticking", schedule: { everySeconds: 1 }, tasks: [{ taskId: "a" }] };
const configOf = ({ id, url, credentials: { username, password } }: SimulatedInstance) =>
  ({ id, url, auth: { type: "basic", username, password } }) as const;

const observe = (order: ObserverOrder): ChildProcess => {
  const program = fileURLToPath(new URL("observer.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@airfleet/source", program, JSON.stringify(order)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
};

/** Whether the store knows every run that the engine has finished, as finished. */
const knowsAll = async (store: Store, airflow: SimulatedInstance, upTo: number): Promise<boolean> => {
  const ended = airflow.world.runs.slice(0, upTo);
  const { items } = await store.runs.list({ limit: 1_000, instances: [airflow.id], states: ["success"] });
  const known = new Set(items.map(({ record }) => record.runId as string));
  return ended.every(({ runId }) => known.has(runId));
};

describe("observing", () => {
  it("asks an instance that is away less and less, and then misses nothing of what it did meanwhile", async () => {
    await using simulator = createSimulator({ timeScale: 20 });
    const airflow = await simulator.addInstance({ id: "sim", generation: 3, dags: [ticking] });
    const { control, store } = await controlOf([airflow]);
    control.startReconcilers();
    await eventually(() => knowsAll(store, airflow, 2), 60_000);
    await airflow.down();
    const asked = airflow.requests.total;
    const id = toInstanceId("sim");
    await eventually(() => control.instances.get(id).status.error !== null, 90_000);
    const during = airflow.world.runs.length;
    await eventually(() => airflow.world.runs.length >= during + 5, 60_000);
    expect(airflow.requests.total).toBe(asked);
    await airflow.up();
    await eventually(() => knowsAll(store, airflow, during + 5), 150_000);
  }, 300_000);

  it("goes on where another server died, and tells of each new run once", async () => {
    const postgres = backends.find(({ name }) => name === "postgres")!;
    await using simulator = createSimulator({ timeScale: 20 });
    const fleet = await Promise.all(
      [0, 1, 2, 3].map((number) =>
        simulator.addInstance({ id: `sim${number}`, generation: number % 2 === 0 ? 2 : 3, dags: [ticking] }),
      ),
    );
    await using place = await postgres.freshPlace();
    await using store = await place.open({ clock: Date.now });
    const order = {
      store: { ...place.address, secretKey: place.secretKey },
      instances: fleet.map(configOf),
      leaseMs: 3_000,
    };
    const [first, second] = [observe(order), observe(order)];
    const all = async (upTo: number): Promise<boolean> =>
      (await Promise.all(fleet.map((airflow) => knowsAll(store, airflow, upTo)))).every(Boolean);
    await eventually(() => all(3), 120_000);
    const ended = once(first, "exit");
    first.kill("SIGKILL");
    await ended;
    const later = Math.max(...fleet.map(({ world }) => world.runs.length)) + 3;
    await eventually(() => fleet.every(({ world }) => world.runs.length >= later + 2), 120_000);
    await eventually(() => all(later), 150_000);
    expect(second.exitCode).toBeNull();
    const told = new Map<string, number>();
    for (let after = 0; ; ) {
      const events = await store.events.list({ after, limit: 500 });
      for (const { kind, payload } of events) {
        if (kind !== "run.changed" || payload["is_new"] !== true) continue;
        const id = String(payload["id"]);
        told.set(id, (told.get(id) ?? 0) + 1);
      }
      const last = events.at(-1);
      if (last === undefined) break;
      after = last.seq;
    }
    expect(told.size).toBeGreaterThanOrEqual(later * fleet.length);
    expect([...told.values()].every((count) => count === 1)).toBe(true);
  }, 500_000);
});
