import type { FleetInstance, FleetRun } from "@airfleet/control";
import { toRunKey } from "@airfleet/model";
import { run } from "./samples.ts";

const AT = 1_700_000_000_000;

/** A failed run of `orders`, as the fleet remembers it. */
export const fleetRun = (instance: FleetInstance): FleetRun => ({
  instance,
  observedAt: AT,
  stale: false,
  reported: null,
  run: {
    key: toRunKey("run_1"),
    instance: instance.id,
    record: {
      dagId: run.dagId,
      runId: run.runId,
      state: "failed",
      partial: false,
      read: { at: AT, run },
      heard: null,
      stopped: null,
      hollow: null,
      goneAt: null,
    },
    dueAt: AT,
    triggerId: null,
    discoveredBy: "poll",
    subjects: [{ type: "finding-aid", id: "a/b" }],
    subjectsTotal: 1,
    firstSeenAt: AT,
    changedAt: AT,
  },
});
