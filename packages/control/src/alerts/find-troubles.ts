import { type AlertRuleDefinition, matchesGlob, toDagId } from "@airfleet/model";
import type { AlertFinding, Store } from "@airfleet/store";
import { isInScope } from "../access/instance-scope.ts";
import type { FleetInstance } from "../fleet/fleet-instance.ts";

/** Something that a rule found, and since when it is so, as far as that is known; epoch milliseconds. */
export interface Trouble extends AlertFinding {
  readonly since: number | null;
}

interface TroublePorts {
  readonly store: Pick<Store, "importErrors" | "runs" | "subjects" | "triggers">;
  readonly instances: () => readonly FleetInstance[];
  readonly now: () => number;
}

/** A rule that finds more than this is about something else than its single findings. */
const FOUND_LIMIT = 1_000;
const PAGE = 200;

/** Instances that a rule is about; one that is switched off is not watched. */
export const instancesOf = (rule: AlertRuleDefinition, all: readonly FleetInstance[]): readonly FleetInstance[] =>
  all.filter(
    (instance) =>
      instance.enabled &&
      isInScope(rule, instance.id) &&
      (rule.tiers.length === 0 || rule.tiers.includes(instance.tier)) &&
      Object.entries(rule.labels).every(([name, value]) => instance.labels[name] === value),
  );

const isMeantDag = ({ dag_ids: globs }: AlertRuleDefinition, dagId: string): boolean =>
  globs.length === 0 || globs.some((glob) => matchesGlob(glob, dagId));

/** Pages of a list until its end, or until there are enough of those that are meant. */
const gather = async <Item>(
  read: (after: string | undefined) => Promise<{ readonly items: readonly Item[]; readonly next: string | null }>,
  isMeant: (item: Item) => boolean,
): Promise<readonly Item[]> => {
  const found: Item[] = [];
  let after: string | undefined;
  for (;;) {
    const { items, next } = await read(after);
    found.push(...items.filter(isMeant));
    if (next === null || found.length >= FOUND_LIMIT) return found.slice(0, FOUND_LIMIT);
    after = next;
  }
};

const continuing = (after: string | undefined) => ({ limit: PAGE, ...(after !== undefined && { after }) });

const atOf = (text: string | null | undefined): number | null => {
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? null : at;
};

const failedRuns = async ({ store }: TroublePorts, rule: AlertRuleDefinition, ids: readonly string[]) => {
  const exact = rule.dag_ids.every((glob) => !glob.includes("*")) ? rule.dag_ids : [];
  const filter = {
    instances: ids,
    failedWithoutLaterSuccess: true,
    ...(exact.length > 0 && { dagIds: exact.map(toDagId) }),
  };
  const runs = await gather(
    (after) => store.runs.list({ ...filter, ...continuing(after) }),
    (run) => isMeantDag(rule, run.record.dagId),
  );
  return runs.map((run): Trouble => {
    const { dagId, runId, read } = run.record;
    return {
      key: run.key,
      text: `${dagId} on ${run.instance}: run ${runId} failed, and no later one succeeded`,
      instance: run.instance,
      dagId,
      dagRunId: runId,
      run: run.key,
      since: atOf(read?.run.endedAt) ?? run.changedAt,
    };
  });
};

const rejectedTriggers = async ({ store, now }: TroublePorts, rule: AlertRuleDefinition, ids: readonly string[]) => {
  const from = now() - rule.within_seconds * 1_000;
  const states = ["rejected", "failed"] as const;
  const triggers = await gather(
    (after) => store.triggers.list({ instances: ids, states, created: { from }, ...continuing(after) }),
    (trigger) => isMeantDag(rule, trigger.dagId),
  );
  return triggers.map(
    ({ id, instance, dagId, runId, error, createdAt }): Trouble => ({
      key: id,
      text: `${dagId} on ${instance}: trigger ${id} was not accepted: ${error?.message ?? "no reason was given"}`,
      instance,
      dagId,
      ...(runId !== null && { dagRunId: runId }),
      since: createdAt,
    }),
  );
};

const staleSubjects = async ({ store, now }: TroublePorts, rule: AlertRuleDefinition, ids: readonly string[]) => {
  const { subject_type: type, stale_after_seconds: seconds } = rule;
  if (type === null || seconds === null) return [];
  const noSuccessSince = now() - seconds * 1_000;
  const scope = rule.instances.includes("*") && rule.tiers.length === 0 && Object.keys(rule.labels).length === 0;
  const subjects = await gather(
    (after) => store.subjects.list({ type, noSuccessSince, ...(!scope && { instances: ids }), ...continuing(after) }),
    // One that is new has not had its time yet.
    (subject) => subject.firstSeenAt <= noSuccessSince,
  );
  return subjects.map((subject): Trouble => {
    const { id, label, lastSuccess, newestRun } = subject;
    const last = lastSuccess?.endedAt ?? null;
    const name = label === null ? id : `${label} (${id})`;
    const words = last === null ? "has never succeeded" : `has not succeeded since ${new Date(last).toISOString()}`;
    return {
      key: `${type}/${id}`,
      text: `${type} ${name} ${words}`,
      instance: newestRun?.instance ?? null,
      ...(newestRun !== null && { dagId: newestRun.dagId }),
      subject: { type, id },
      since: last === null ? subject.firstSeenAt + seconds * 1_000 : last + seconds * 1_000,
    };
  });
};

const unreachable = (instances: readonly FleetInstance[]): readonly Trouble[] =>
  instances
    .filter(({ status }) => status.state === "unreachable" || status.state === "refused")
    .map(({ id, status }) => ({
      key: id,
      text: `${id} ${status.state === "refused" ? "refuses our credentials" : "cannot be reached"}: ${status.error?.message ?? ""}`,
      instance: id,
      since: null,
    }));

const silentSchedulers = (instances: readonly FleetInstance[]): readonly Trouble[] =>
  instances.flatMap(({ id, status }) => {
    if (status.state === "unreachable" || status.state === "refused") return [];
    const scheduler = status.health?.components.find(({ name }) => name === "scheduler");
    if (scheduler?.status !== "unhealthy") return [];
    const heard = scheduler.heartbeatAt === null ? "never" : `last at ${scheduler.heartbeatAt}`;
    const text = `the scheduler of ${id} is silent, heard ${heard}`;
    return [{ key: id, text, instance: id, since: null }];
  });

const importErrors = async (
  { store }: TroublePorts,
  rule: AlertRuleDefinition,
  instances: readonly FleetInstance[],
) => {
  const errors = await store.importErrors.list(instances.map(({ id }) => id));
  return errors
    .filter(({ file }) => isMeantDag(rule, file.replace(/^.*\//, "").replace(/\.(py|zip)$/, "")))
    .slice(0, FOUND_LIMIT)
    .map(
      ({ instance, file, stackTrace, observedAt }): Trouble => ({
        key: `${instance}/${file}`,
        text: `${file} on ${instance} cannot be parsed: ${stackTrace.trimEnd().split("\n").at(-1) ?? ""}`,
        instance,
        since: observedAt,
      }),
    );
};

/** All that a rule finds now, from what the store knows of the fleet; no instance is called. */
export const findTroubles = async (ports: TroublePorts, rule: AlertRuleDefinition): Promise<readonly Trouble[]> => {
  const instances = instancesOf(rule, ports.instances());
  const ids = instances.map(({ id }) => id);
  switch (rule.condition) {
    case "run_failed_no_later_success":
      return failedRuns(ports, rule, ids);
    case "instance_unreachable":
      return unreachable(instances);
    case "scheduler_silent":
      return silentSchedulers(instances);
    case "import_error":
      return importErrors(ports, rule, instances);
    case "trigger_rejected":
      return rejectedTriggers(ports, rule, ids);
    case "subject_stale":
      return staleSubjects(ports, rule, ids);
    default:
      return rule.condition satisfies never;
  }
};
