import type { DagQuery, Page, PlanArtifact } from "@airfleet/engine";
import {
  AirfleetError,
  type Dag,
  type DagDetail,
  type DagVersion,
  type GraphNode,
  type ImportError,
  toDagId,
  toTaskId,
} from "@airfleet/model";
import { fromMicros, type Micros } from "../instants.ts";
import { retriesOf } from "../plans/loaded-plan.ts";
import type { ShelvedPlan } from "../plans/plan-shelf.ts";
import { nextRunOf } from "../schedules/scheduler.ts";
import { type EnginePlace, knownPlan, noteAudit } from "./place.ts";

/** Rows of a page. */
export const PAGE_LIMIT = 100;

const OWNERS = ["airfleet"] as const;

const toDag = ({ database, limits, at }: EnginePlace, shelved: ShelvedPlan): Dag => {
  const { dagId, loaded } = shelved;
  const plan = loaded?.plan ?? null;
  const isOff = shelved.isRemoved || loaded === null;
  const next = isOff ? null : nextRunOf(database, loaded, { missedRuns: limits.missedRuns, at: at() });
  return {
    dagId: toDagId(dagId),
    displayName: dagId,
    description: plan?.name ?? null,
    isPaused: shelved.isPaused,
    isStale: shelved.isRemoved,
    hasImportErrors: loaded === null,
    file: null,
    fileToken: null,
    bundle: null,
    owners: OWNERS,
    tags: plan?.tags ?? [],
    schedule: plan?.schedule?.cron ?? null,
    scheduleDescription: null,
    nextRun:
      next === null
        ? null
        : {
            logicalDate: next.start.toISOString(),
            intervalStart: next.start.toISOString(),
            intervalEnd: next.end.toISOString(),
            runAfter: next.end.toISOString(),
          },
    lastParsedAt: fromMicros(shelved.deployedAt),
    maxActiveRuns: plan?.maxActiveRuns ?? null,
  };
};

export const getDag = (place: EnginePlace, dagId: string): Dag => toDag(place, knownPlan(place, dagId));

/** Rows that are looked at for a page of those that fit: what is asked for is found in the plans, not in columns. */
const LOOK = 500;

const fits =
  ({ tags, paused, dagIdContains }: DagQuery) =>
  ({ dagId, isPaused, loaded }: ShelvedPlan): boolean =>
    (paused === undefined || isPaused === paused) &&
    (dagIdContains === undefined || dagId.toLowerCase().includes(dagIdContains.toLowerCase())) &&
    (tags === undefined || tags.length === 0 || (loaded?.plan.tags ?? []).some((tag) => tags.includes(tag)));

export const listDags = (place: EnginePlace, query: DagQuery): Page<Dag> => {
  const limit = Math.min(query.limit ?? PAGE_LIMIT, PAGE_LIMIT);
  const found: ShelvedPlan[] = [];
  for (let after = query.after ?? "", isEnd = false; !isEnd && found.length <= limit; ) {
    const some = place.shelf.list(after, LOOK);
    found.push(...some.filter(fits(query)));
    after = some.at(-1)?.dagId ?? after;
    isEnd = some.length < LOOK;
  }
  const items = found.slice(0, limit);
  const next = found.length > limit ? (items.at(-1)?.dagId ?? null) : null;
  return { items: items.map((shelved) => toDag(place, shelved)), next, total: null };
};

export const getDagDetail = (place: EnginePlace, dagId: string): DagDetail => {
  const shelved = knownPlan(place, dagId);
  const plan = shelved.loaded?.plan ?? null;
  const schedule = plan?.schedule ?? null;
  return {
    ...toDag(place, shelved),
    docMd: `${plan?.name ?? dagId}\n\nPipeline \`${plan?.pipeline ?? dagId}\`, artifact \`${shelved.hash}\`.`,
    timezone: schedule?.timeZone ?? "UTC",
    catchup: schedule?.catchup ?? false,
    startDate: schedule?.startDate ?? null,
    endDate: schedule?.endDate ?? null,
    params: plan?.params ?? {},
    versionNumber: shelved.version,
  };
};

export const getDagSource = (place: EnginePlace, dagId: string): string => knownPlan(place, dagId).text;

export const getDagGraph = (place: EnginePlace, dagId: string): readonly GraphNode[] => {
  const { loaded } = knownPlan(place, dagId);
  if (loaded === null) return [];
  return loaded.plan.steps.map((step) => ({
    taskId: toTaskId(step.id),
    displayName: step.label,
    operator: step.module,
    isMapped: false,
    triggerRule: step.needs === "any" ? "none_failed_min_one_success" : "all_success",
    retries: retriesOf(step, place.limits.retry).count,
    downstream: (loaded.downstream.get(step.id) ?? []).map(toTaskId),
  }));
};

export const listDagVersions = (place: EnginePlace, dagId: string): readonly DagVersion[] => {
  knownPlan(place, dagId);
  return place.shelf.versions(dagId).map(({ version, createdAt }) => ({
    number: version,
    bundle: null,
    bundleVersion: null,
    createdAt: fromMicros(createdAt),
  }));
};

/** Plans that were refused, and those that an older or newer version left here. */
export const listImportErrors = ({ database, shelf }: EnginePlace): readonly ImportError[] => {
  const refused = database
    .all<{ name: string; message: string; at: Micros }>("select * from refused_plans order by name")
    .map(({ name, message, at }) => toImportError(name, message, at));
  const broken: ImportError[] = [];
  for (let after = "", page = shelf.list(after, LOOK); page.length > 0; page = shelf.list(after, LOOK)) {
    for (const { dagId, mistake, deployedAt, isRemoved } of page) {
      if (mistake !== null && !isRemoved) broken.push(toImportError(dagId, mistake, deployedAt));
    }
    after = page.at(-1)?.dagId ?? "";
  }
  return [...refused, ...broken];
};

const toImportError = (dagId: string, stackTrace: string, at: Micros): ImportError => ({
  id: dagId,
  file: dagId,
  bundle: null,
  stackTrace,
  at: fromMicros(at),
});

export const setPaused = (place: EnginePlace, dagId: string, isPaused: boolean): void => {
  place.database.transaction(() => {
    if (!place.shelf.mark(dagId, { isPaused }, place.at())) {
      throw new AirfleetError("DAG_UNKNOWN", { dag_id: dagId, instance: place.instance });
    }
    noteAudit(place, isPaused ? "pause" : "unpause", { dagId });
  });
  place.wake();
};

/** Forgets a DAG's runs; a plan that was taken away is forgotten with them. */
export const deleteDag = (place: EnginePlace, dagId: string): readonly number[] => {
  const { database } = place;
  const { isRemoved } = knownPlan(place, dagId);
  return database.transaction(() => {
    const active = database.one(
      "select 1 from runs r join task_instances t on t.run = r.id where r.dag_id = ? and t.state = 'running'",
      dagId,
    );
    if (active !== undefined) throw new AirfleetError("DAG_ACTIVE", { dag_id: dagId, instance: place.instance });
    const runs = database.all<{ id: number }>("select id from runs where dag_id = ?", dagId).map(({ id }) => id);
    database.run("delete from runs where dag_id = ?", dagId);
    if (isRemoved) {
      for (const table of ["plan_versions", "plans", "schedules"]) {
        database.run(`delete from ${table} where dag_id = ?`, dagId);
      }
    }
    noteAudit(place, "delete_dag", { dagId });
    return runs;
  });
};

export const deployPlan = (place: EnginePlace, artifact: PlanArtifact): void => {
  place.shelf.deploy(artifact, place.at());
  place.database.transaction(() => noteAudit(place, "deploy", { dagId: artifact.dagId }));
  place.wake();
};

export const removePlan = (place: EnginePlace, dagId: string): void => {
  place.database.transaction(() => {
    if (!place.shelf.mark(dagId, { isRemoved: true }, place.at())) {
      throw new AirfleetError("DAG_UNKNOWN", { dag_id: dagId, instance: place.instance });
    }
    noteAudit(place, "remove", { dagId });
  });
  place.wake();
};
