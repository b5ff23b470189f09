import { type Run, toDagId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import type { Store } from "../src/index.ts";
import { backends, PATIENT, withStore } from "./backends.ts";
import { HOUR, keyOf, readOf, runOf, START } from "./run-samples.ts";
import { dagOf, EU, US } from "./samples.ts";

const observe = (store: Store, runs: readonly Run[], instance = EU) =>
  store.runs.observe({ instance, observations: runs.map((run) => readOf(run)) });

const of = (dagId: string, run: Run): Run => ({ ...run, dagId: toDagId(dagId) });

for (const backend of backends) {
  describe(`counts of runs on ${backend.name}`, PATIENT, () => {
    it("tell what goes on where", () =>
      withStore(backend, async (store) => {
        await observe(store, [runOf("r1", "running", 1), runOf("r2", "running", 2), runOf("q1", "queued", 3)]);
        await observe(store, [runOf("r3", "running", 1), runOf("s1", "success", 2)], US);
        const counts = await store.runs.countLive();
        expect(
          counts.toSorted((left, right) =>
            `${left.instance}${left.state}`.localeCompare(`${right.instance}${right.state}`),
          ),
        ).toEqual([
          { instance: EU, state: "queued", runs: 1 },
          { instance: EU, state: "running", runs: 2 },
          { instance: US, state: "running", runs: 1 },
        ]);
      }));

    it("tell which DAGs have failed since they last succeeded, how often, since when, and the newest run", () =>
      withStore(backend, async (store) => {
        await observe(store, [
          runOf("old", "failed", 1),
          runOf("good", "success", 2),
          runOf("first", "failed", 3),
          runOf("second", "failed", 4),
          of("healed", runOf("f", "failed", 1)),
          of("healed", runOf("s", "success", 2)),
        ]);
        await observe(store, [runOf("here", "failed", 5)], US);
        expect(await store.runs.countOpenFailures()).toEqual([
          {
            instance: EU,
            dagId: "orders",
            failures: 2,
            since: START + 3 * HOUR,
            newestDue: START + 4 * HOUR,
            newestRun: keyOf(runOf("second", "failed", 4)),
          },
          {
            instance: US,
            dagId: "orders",
            failures: 1,
            since: START + 5 * HOUR,
            newestDue: START + 5 * HOUR,
            newestRun: keyOf(runOf("here", "failed", 5), US),
          },
        ]);
      }));

    it("tell which runs wait on paused DAGs", () =>
      withStore(backend, async (store) => {
        const sweep = store.dags.sweep(EU, Date.now());
        await sweep.add([dagOf("paused", { isPaused: true }), dagOf("active", { isPaused: false })], Date.now());
        await sweep.finish();
        await observe(store, [
          of("paused", runOf("p1", "queued", 1)),
          of("paused", runOf("p2", "queued", 2)),
          of("paused", runOf("p3", "running", 3)),
          of("active", runOf("a1", "queued", 1)),
        ]);
        const held = await store.runs.countHeld(Date.now() + HOUR);
        expect(held).toMatchObject([{ instance: EU, dagId: "paused", runs: 2 }]);
        expect(await store.runs.countHeld(0)).toEqual([]);
      }));
  });
}
