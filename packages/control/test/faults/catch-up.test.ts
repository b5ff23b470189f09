import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { toInstanceId } from "@airfleet/model";
import { createSimulator, type SimulatedInstance } from "@airfleet/simulator";
import type { Store } from "@airfleet/store";
import { describe, expect, it, onTestFinished } from "vitest";
import { backends, type Place } from "../../../store/test/backends.ts";
import { eventually } from "../fleet-fixture.ts";
import type { ObserverOrder } from "./observer.ts";

const RUNS = 10_000;
/** Short, so that another process takes over soon. */
const LEASE_MS = 3_000;
const FEED = { method: "GET", path: /~\/dagRuns$/ };
const instance = toInstanceId("sim");

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

const kill = async (child: ChildProcess): Promise<void> => {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
};

const configOf = ({ id, url, credentials: { username, password } }: SimulatedInstance) =>
  ({ id, url, auth: { type: "basic", username, password } }) as const;

/** Ids of every run that the store knows. */
const knownRuns = async (store: Store): Promise<ReadonlySet<string>> => {
  const ids = new Set<string>();
  let after: string | undefined;
  do {
    const page = await store.runs.list({ limit: 1_000, ...(after === undefined ? {} : { after }) });
    for (const { record } of page.items) ids.add(record.runId);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return ids;
};

/** As a process leaves it that was stopped a day ago. */
const lastSeenADayAgo = async (place: Place): Promise<Store> => {
  const store = await place.open({ clock: Date.now });
  const attemptedAt = Date.now() - 86_400_000;
  const watermark = new Date(attemptedAt).toISOString();
  await store.readings.succeeded({ instance, feed: "runs", attemptedAt, durationMs: 10, watermark });
  return store;
};

describe("a server that was away while ten thousand runs ended", () => {
  it.each(backends)(
    "finds all of them, though it is killed three times on the way ($name)",
    async (backend) => {
      // Airflow 2 is walked from the newest change to the oldest, Airflow 3 the other way.
      const generation = backend.name === "sqlite" ? 2 : 3;
      await using simulator = createSimulator();
      const history = { runs: RUNS / 10, everySeconds: 60, failRate: 0.02, durationSeconds: 10 };
      const dags = Array.from({ length: 10 }, (_, n) => ({ dagId: `dag_${n}`, tasks: [{ taskId: "a" }], history }));
      const airflow = await simulator.addInstance({ id: "sim", generation, dags, latencyMs: 15 });
      await using place = await backend.freshPlace();
      await (await lastSeenADayAgo(place)).close();
      const order = {
        store: { ...place.address, secretKey: place.secretKey },
        instances: [configOf(airflow)],
        leaseMs: LEASE_MS,
      };

      for (let death = 1; death <= 3; death += 1) {
        const child = observe(order);
        const before = airflow.requests.count(FEED);
        await eventually(() => airflow.requests.count(FEED) >= before + 25, 60_000);
        await kill(child);
      }
      const last = observe(order);
      const expected = new Set(airflow.world.runs.map(({ runId }) => runId));
      expect(airflow.world.runs).toHaveLength(RUNS);
      // Its own lease on the data directory must be free before we may look.
      await using store = await openAtRest(place, airflow, last);
      expect((await knownRuns(store)).size).toBe(expected.size);
      expect(await knownRuns(store)).toEqual(expected);
      // Each death costs the pages since the place was last written down, which is every second.
      expect(airflow.requests.count(FEED)).toBeLessThan((RUNS / 100) * 3);
      const { items: failed } = await store.runs.list({ limit: 1_000, states: ["failed"] });
      expect(failed.length).toBeGreaterThan(100);
      for (const { key } of failed) expect(await store.runs.tasks(key)).toHaveLength(1);
    },
    480_000,
  );
});

/** Whether a walk has come to its end: what follows it asks for changes of the last minutes only, not of a day. */
const isAtRest = (airflow: SimulatedInstance): boolean => {
  const since = new URLSearchParams(airflow.requests.all(FEED).at(-1)?.query).get("updated_at_gte");
  return since !== null && Date.parse(since) > Date.now() - 3_600_000;
};

/** Waits until the walk has come to its end, ends the process, and opens its store. */
const openAtRest = async (place: Place, airflow: SimulatedInstance, child: ChildProcess): Promise<Store> => {
  await eventually(() => isAtRest(airflow), 240_000);
  await kill(child);
  return place.open({ clock: Date.now });
};
