import type { HeldRunCount, OpenFailureCount, StoredImportError } from "@airfleet/store";
import type { FleetInstance } from "../fleet/fleet-instance.ts";
import { WRONG_KINDS, type Wrong } from "./overview.ts";

/** What the store knows that somebody should look at. */
export interface Findings {
  readonly failures: readonly OpenFailureCount[];
  readonly importErrors: readonly StoredImportError[];
  readonly held: readonly HeldRunCount[];
}

const TIER_ORDER = { production: 0, staging: 1, development: 2 } as const;

const about = ({ id, tier }: FleetInstance, wrong: Pick<Wrong, "kind"> & Partial<Wrong>): Wrong => ({
  instance: id,
  tier,
  dagId: null,
  file: null,
  run: null,
  count: 1,
  since: null,
  reason: null,
  ...wrong,
});

const wrongInstance = (instance: FleetInstance): readonly Wrong[] => {
  const { status } = instance;
  if (status.state === "unreachable" || status.state === "refused") {
    const { state, error, observedAt } = status;
    return [about(instance, { kind: state, since: observedAt, reason: error?.message ?? null })];
  }
  const scheduler = status.health?.components.find(({ name }) => name === "scheduler");
  if (scheduler?.status !== "unhealthy") return [];
  const heard = Date.parse(scheduler.heartbeatAt ?? "");
  return [about(instance, { kind: "scheduler_silent", since: Number.isNaN(heard) ? null : heard })];
};

/** The last line of a stack trace says what is the matter. */
const lastLine = (trace: string): string => trace.trimEnd().split("\n").at(-1) ?? "";

/** Production first, then how far it reaches, then how long it has been so. */
const worstFirst = (left: Wrong, right: Wrong): number =>
  TIER_ORDER[left.tier] - TIER_ORDER[right.tier] ||
  WRONG_KINDS.indexOf(left.kind) - WRONG_KINDS.indexOf(right.kind) ||
  right.count - left.count ||
  (left.since ?? Number.MAX_SAFE_INTEGER) - (right.since ?? Number.MAX_SAFE_INTEGER);

/** Everything that needs a person, worst first. What is known of a disabled or forgotten instance needs nobody. */
export const findWrong = (instances: readonly FleetInstance[], findings: Findings): readonly Wrong[] => {
  const watched = new Map(instances.filter(({ enabled }) => enabled).map((instance) => [instance.id, instance]));
  const on = <Row extends { readonly instance: FleetInstance["id"] }>(
    rows: readonly Row[],
    toWrong: (instance: FleetInstance, row: Row) => Wrong,
  ): readonly Wrong[] =>
    rows.flatMap((row) => {
      const instance = watched.get(row.instance);
      return instance === undefined ? [] : [toWrong(instance, row)];
    });
  return [
    ...[...watched.values()].flatMap(wrongInstance),
    ...on(findings.failures, (instance, { dagId, failures, since, newestRun }) =>
      about(instance, { kind: "failing", dagId, count: failures, since, run: newestRun }),
    ),
    ...on(findings.importErrors, (instance, { file, stackTrace, observedAt }) =>
      about(instance, { kind: "broken", file, since: observedAt, reason: lastLine(stackTrace) }),
    ),
    ...on(findings.held, (instance, { dagId, runs, since, oldestRun }) =>
      about(instance, { kind: "held", dagId, count: runs, since, run: oldestRun }),
    ),
  ].toSorted(worstFirst);
};
