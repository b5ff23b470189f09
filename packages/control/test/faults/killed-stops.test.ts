import type { FaultHandle, SimulatedInstance } from "@airfleet/simulator";
import { toDagId, toInstanceId, toRunId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { backends } from "../../../store/test/backends.ts";
import { soakCount } from "../../../store/test/soak-count.ts";
import { eventually } from "../fleet-fixture.ts";
import { processesOf } from "../stops/stops-fixture.ts";
import { killAtFault, reportOf, startVictim, startVictimsFleet } from "./victim-process.ts";

const KILLS = soakCount(60);
/** Where a server dies: while it is told to fail the run, after that, while it looks at the log, while it deletes. */
const PLACES = [
  { kind: "hang", method: "PATCH", path: "/api/*/dags/DAG/dagRuns/*" },
  { kind: "lost answer", method: "PATCH", path: "/api/*/dags/DAG/dagRuns/*" },
  { kind: "hang", method: "GET", path: "/api/*/dags/DAG/dagRuns/*/taskInstances/*/logs/*" },
  { kind: "lost answer", method: "DELETE", path: "/api/*/dags/DAG/dagRuns/*" },
] as const;

const faultOf = (airflow: SimulatedInstance, n: number): FaultHandle => {
  const place = PLACES[n % PLACES.length] ?? PLACES[0];
  return airflow.faults.add({
    fault: { kind: place.kind },
    method: place.method,
    path: place.path.replace("DAG", `dag_${n}`),
    times: 1,
  });
};

describe("servers that are killed in the middle of a stop", () => {
  it.each(backends)(
    "leave it to the next one, which ends it with evidence ($name)",
    async (backend) => {
      const dags = Array.from({ length: KILLS }, (_, n) => ({
        dagId: `dag_${n}`,
        tasks: [{ taskId: "work", durationSeconds: 100_000 }],
      }));
      await using fleet = await startVictimsFleet(backend, { timeScale: 10, dags });
      const { airflow, common } = fleet;
      const instance = toInstanceId("sim");
      const runId = toRunId("to_stop");
      const numbers = Array.from({ length: KILLS }, (_, n) => n);
      const placeOf = (n: number) => ({ instance, dagId: toDagId(`dag_${n}`), runId });
      const runOf = (n: number) => airflow.world.dags.get(`dag_${n}`)?.runs.get(runId);
      const begin = numbers.map((n) => ({ verb: "run:trigger", ...placeOf(n), conf: {} }) as const);
      await reportOf(startVictim({ ...common, intents: begin, drain: true }));
      await eventually(() => numbers.every((n) => runOf(n)?.tasks?.[0]?.state === "running"));

      for (const n of numbers) {
        const fault = faultOf(airflow, n);
        const child = startVictim({ ...common, intents: [{ verb: "run:stop", ...placeOf(n), delete: true }] });
        await killAtFault(child, fault);
        expect(fault.fired).toBe(1);
      }
      const { actions, audit } = await reportOf(startVictim({ ...common, drain: true }));

      expect(audit.ok).toBe(true);
      for (const n of numbers) {
        const stops = actions.filter(({ dagId, verb }) => dagId === `dag_${n}` && verb === "run:stop");
        expect(stops).toHaveLength(1);
        expect(stops[0]).toMatchObject({ state: "done", error: null, after: { stage: "ended" } });
        const [work] = stops.map((stop) => processesOf(stop)["work"]);
        expect(work).toMatchObject({ state_before: "running" });
        expect(["confirmed", "presumed"]).toContain(work?.["process_gone"]);
        expect(runOf(n)).toBeUndefined();
      }
    },
    180_000 + KILLS * 10_000,
  );
});
