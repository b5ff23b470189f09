import { toDagId, toInstanceId, toRunKey } from "@airfleet/model";
import { expect, test } from "vitest";
import type { FleetInstance, InstanceStatus } from "../src/index.ts";
import { findWrong } from "../src/overview/find-wrong.ts";

const HEALTHY: InstanceStatus = {
  state: "healthy",
  version: "3.3.2",
  generation: 3,
  support: "tested",
  latencyMs: 10,
  clockSkewMs: 0,
  health: null,
  breaker: "closed",
  observedAt: 1_000,
  dagsObservedAt: 1_000,
  stale: false,
  error: null,
};

const instance = (id: string, changes: Partial<FleetInstance> = {}): FleetInstance => ({
  id: toInstanceId(id),
  name: id,
  description: null,
  engine: "airflow",
  url: `http://${id}`,
  enabled: true,
  tier: "development",
  labels: {},
  authType: "none",
  username: null,
  tlsInsecure: false,
  source: "stored",
  version: 1,
  removed: false,
  status: HEALTHY,
  ...changes,
});

const failing = (on: string, dagId: string, failures: number, since: number) => ({
  instance: toInstanceId(on),
  dagId: toDagId(dagId),
  failures,
  since,
  newestDue: since,
  newestRun: toRunKey(`run_${"a".repeat(52)}`),
});

const NOTHING = { failures: [], importErrors: [], held: [] };

test("the worst comes first: production, then reach, then how often, then age", () => {
  const fleet = [
    instance("dev"),
    instance("prod-1", { tier: "production" }),
    instance("prod-2", { tier: "production", status: { ...HEALTHY, state: "unreachable" } }),
    instance("stage", { tier: "staging", status: { ...HEALTHY, state: "refused" } }),
  ];
  const found = findWrong(fleet, {
    ...NOTHING,
    failures: [
      failing("dev", "d", 99, 1),
      failing("prod-1", "young", 1, 900),
      failing("prod-1", "old", 1, 100),
      failing("prod-1", "often", 14, 500),
    ],
  });
  expect(found.map(({ kind, instance: on, dagId }) => `${kind} ${on} ${dagId}`)).toEqual([
    "unreachable prod-2 null",
    "failing prod-1 often",
    "failing prod-1 old",
    "failing prod-1 young",
    "refused stage null",
    "failing dev d",
  ]);
});

test("an instance whose scheduler is silent says since when", () => {
  const health = { components: [{ name: "scheduler", status: "unhealthy", heartbeatAt: "1970-01-01T00:00:05Z" }] };
  const status = { ...HEALTHY, health: { healthy: false, ...health } } as InstanceStatus;
  expect(findWrong([instance("eu", { status })], NOTHING)).toMatchObject([{ kind: "scheduler_silent", since: 5_000 }]);
});

test("a broken file gives the last line of its trace", () => {
  const error = {
    instance: toInstanceId("eu"),
    id: "1",
    file: "vat.py",
    bundle: null,
    stackTrace: 'Traceback:\n  File "vat.py", line 41\nKeyError: 42\n',
    at: null,
    observedAt: 7,
  };
  expect(findWrong([instance("eu")], { ...NOTHING, importErrors: [error] })).toMatchObject([
    { kind: "broken", file: "vat.py", reason: "KeyError: 42", since: 7 },
  ]);
});

test("what is known of disabled and of forgotten instances needs nobody", () => {
  const failures = [failing("off", "d", 1, 1), failing("gone", "d", 1, 1)];
  const off = instance("off", { enabled: false, status: { ...HEALTHY, state: "disabled" } });
  expect(findWrong([off], { ...NOTHING, failures })).toEqual([]);
});
