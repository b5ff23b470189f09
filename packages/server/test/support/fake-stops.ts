import type { FleetRun, StopUseCases } from "@airfleet/control";
import { type RunKey, toActionId, toDagId, toInstanceId, toRunId, toTaskId } from "@airfleet/model";

const AT = 1_700_000_000_000;

/** Stops that record nothing: named runs are found, and each was stopped once, with a process that is gone. */
export const fakeStops = (find: (key: RunKey) => Promise<FleetRun>): StopUseCases => ({
  request: async (_actor, { targets }) => ({
    hash: "hash",
    tickets:
      "keys" in targets
        ? await Promise.all(targets.keys.map(async (key) => ({ key, run: await find(key), action: null, error: null })))
        : [],
  }),
  settle: async (list) => list,
  newest: async (runKey) => ({
    actionId: toActionId("act_1"),
    runKey,
    instance: toInstanceId("client1"),
    dagId: toDagId("orders"),
    runId: toRunId("run-1"),
    stage: "ended",
    runStartedAt: null,
    begunAt: AT,
    stoppedAt: AT,
    until: AT + 120_000,
    deletedAt: null,
    changedAt: AT,
    tasks: [
      {
        taskId: toTaskId("load"),
        mapIndex: -1,
        tryNumber: 1,
        stateBefore: "running",
        hostname: "worker",
        pid: 7,
        gone: { kind: "confirmed", by: "log_end", at: AT + 2_000, detail: "Task killed!" },
        lastSignAt: AT,
        isEnding: false,
        seenProcess: null,
        logLines: 12,
      },
    ],
  }),
});
