import type { FaultHandle, SimulatedInstance } from "@airfleet/simulator";
import { toDagId, toInstanceId, toRunId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { eventually } from "../fleet-fixture.ts";
import { backends } from "../../../store/test/backends.ts";
import { soakCount } from "../../../store/test/soak-count.ts";
import type { ActionIntent } from "../../src/index.ts";
import { killAtFault, reportOf, startVictim, startVictimsFleet } from "./victim-process.ts";

const KILLS = soakCount(200);

/** What became of the n-th request: carried out with its answer cut off by our death, or never. */
const isCarriedOut = (n: number): boolean => n % 2 === 0;
const isTrigger = (n: number): boolean => n % 4 < 2;

const instance = toInstanceId("sim");
const runId = toRunId("before");

const intentOf = (n: number): ActionIntent => {
  const dagId = toDagId(`dag_${n}`);
  return isTrigger(n)
    ? { verb: "run:trigger", instance, dagId, conf: { n } }
    : { verb: "run:clear", instance, dagId, runId, onlyFailed: true, dryRun: false };
};

/** The write itself: neither the look-ups around it nor the dry run before it. */
const faultOf = (airflow: SimulatedInstance, n: number): FaultHandle =>
  airflow.faults.add({
    fault: isCarriedOut(n) ? { kind: "slow body", chunkBytes: 1, everyMs: 5_000 } : { kind: "hang" },
    method: "POST",
    path: isTrigger(n) ? `/api/*/dags/dag_${n}/dagRuns` : `/api/*/dags/dag_${n}/clearTaskInstances`,
    // Airflow 3 is asked by a dry run first what the tasks were.
    after: !isTrigger(n) && airflow.generation === 3 ? 1 : 0,
    times: 1,
  });

describe("servers that are killed between sending and being answered", () => {
  it.each(backends)(
    "make exactly one run per trigger and no clear twice ($name)",
    async (backend) => {
      const dags = Array.from({ length: KILLS }, (_, n) => ({
        dagId: `dag_${n}`,
        tasks: [{ taskId: "work", failTries: isTrigger(n) ? 0 : 1 }],
      }));
      await using fleet = await startVictimsFleet(backend, { timeScale: 20, dags });
      const { airflow, common } = fleet;

      // The runs to be cleared: each fails at its first try.
      const numbers = Array.from({ length: KILLS }, (_, n) => n);
      const toClear = numbers.filter((n) => !isTrigger(n)).map((n) => toDagId(`dag_${n}`));
      const intents = toClear.map((dagId) => ({ verb: "run:trigger", instance, dagId, conf: {}, runId }) as const);
      await reportOf(startVictim({ ...common, intents, drain: true }));
      await eventually(() =>
        toClear.every((dagId) => airflow.world.dags.get(dagId)?.runs.get(runId)?.state === "failed"),
      );

      for (const n of numbers) {
        const fault = faultOf(airflow, n);
        const child = startVictim({ ...common, intents: [intentOf(n)] });
        await killAtFault(child, fault);
        expect(fault.fired).toBe(1);
      }
      const { actions, audit } = await reportOf(startVictim({ ...common, drain: true }));

      expect(audit.ok).toBe(true);
      for (const n of numbers) {
        const { runs } = airflow.world.dags.get(`dag_${n}`)!;
        expect(runs.size).toBe(1);
        const action = actions.find(({ dagId, verb }) => dagId === `dag_${n}` && verb === intentOf(n).verb);
        expect(action).toMatchObject({ state: isTrigger(n) || isCarriedOut(n) ? "done" : "unknown" });
        expect([...runs.keys()]).toEqual([action?.runId]);
        const sent = airflow.requests.count({ method: "POST", path: new RegExp(`/dags/dag_${n}/clearTaskInstances$`) });
        expect(sent).toBeLessThanOrEqual(airflow.generation === 3 ? 2 : 1);
      }
    },
    120_000 + KILLS * 6_000,
  );
});
