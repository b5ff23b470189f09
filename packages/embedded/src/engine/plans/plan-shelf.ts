import type { PlanArtifact } from "@airfleet/engine";
import { AirfleetError, isAirfleetError } from "@airfleet/model";
import type { EngineDatabase } from "../database/open-database.ts";
import type { Micros } from "../instants.ts";
import { type LoadedPlan, loadPlan } from "./loaded-plan.ts";

interface PlanRow {
  readonly dag_id: string;
  readonly version: number;
  readonly is_paused: number;
  readonly is_removed: number;
  readonly first_seen_at: Micros;
  readonly deployed_at: Micros;
  readonly hash: string;
  readonly text: string;
}

/** A DAG as it lies here. */
export interface ShelvedPlan {
  readonly dagId: string;
  readonly version: number;
  readonly hash: string;
  readonly text: string;
  readonly isPaused: boolean;
  readonly isRemoved: boolean;
  readonly deployedAt: Micros;
  /** Null when this version of the engine cannot read it; `mistake` says why. */
  readonly loaded: LoadedPlan | null;
  readonly mistake: string | null;
}

export interface PlanShelf {
  find(dagId: string): ShelvedPlan | undefined;
  /** In order of id, beginning behind `after`. */
  list(after: string, limit: number): readonly ShelvedPlan[];
  /** The plan that a run began with; null when it cannot be read. */
  version(dagId: string, version: number): LoadedPlan | null;
  versions(dagId: string): readonly { readonly version: number; readonly createdAt: Micros }[];
  /** @throws {AirfleetError} PLAN_INVALID; it is then listed among the import errors */
  deploy(artifact: PlanArtifact, at: Micros): void;
  /** Writes one flag, or both. @returns false when there is no such DAG */
  mark(dagId: string, flags: { readonly isPaused?: boolean; readonly isRemoved?: boolean }, at: Micros): boolean;
  /** Grows with every change of a plan or of its flags. */
  lastChange(): Micros;
}

const SELECT = `select p.*, v.hash, v.text from plans p
  join plan_versions v on v.dag_id = p.dag_id and v.version = p.version`;

/** Plans in memory; runs of more DAGs than this at a time read some of them again. */
const MOST_LOADED = 500;

const flag = (value: boolean | undefined): number | null => (value === undefined ? null : Number(value));

export const createPlanShelf = (database: EngineDatabase): PlanShelf => {
  const loaded = new Map<string, LoadedPlan | AirfleetError>();

  const load = (dagId: string, { version, hash, text }: Pick<PlanRow, "version" | "hash" | "text">) => {
    const key = `${dagId}\n${version}\n${hash}`;
    const known = loaded.get(key);
    if (known !== undefined) return known;
    let plan: LoadedPlan | AirfleetError;
    try {
      plan = loadPlan(text, { hash, version });
    } catch (error) {
      if (!isAirfleetError(error)) throw error;
      plan = error;
    }
    if (loaded.size >= MOST_LOADED) loaded.delete(loaded.keys().next().value ?? "");
    loaded.set(key, plan);
    return plan;
  };

  const toShelved = (row: PlanRow): ShelvedPlan => {
    const plan = load(row.dag_id, row);
    const isBroken = plan instanceof AirfleetError;
    return {
      dagId: row.dag_id,
      version: row.version,
      hash: row.hash,
      text: row.text,
      isPaused: row.is_paused === 1,
      isRemoved: row.is_removed === 1,
      deployedAt: row.deployed_at,
      loaded: isBroken ? null : plan,
      mistake: isBroken ? plan.message : null,
    };
  };

  const lastChange = (): Micros => database.one<{ at: Micros | null }>("select max(changed_at) at from plans")?.at ?? 0;
  /** Two changes within one tick of the clock must still differ. */
  const nextChange = (at: Micros): Micros => Math.max(at, lastChange() + 1);

  const put = ({ dagId, hash, text }: PlanArtifact, at: Micros): void => {
    const known = database.one<PlanRow>(`${SELECT} where p.dag_id = ?`, dagId);
    const isSame = known !== undefined && known.hash === hash && known.text === text;
    const version = isSame ? known.version : (known?.version ?? 0) + 1;
    if (!isSame) {
      const sql = "insert into plan_versions (dag_id, version, hash, text, created_at) values (?, ?, ?, ?, ?)";
      database.run(sql, dagId, version, hash, text, at);
    }
    database.run(
      `insert into plans (dag_id, version, first_seen_at, deployed_at, changed_at) values (?, ?, ?, ?, ?)
       on conflict (dag_id) do update set version = excluded.version, is_removed = 0,
         deployed_at = excluded.deployed_at, changed_at = excluded.changed_at`,
      dagId,
      version,
      at,
      at,
      nextChange(at),
    );
    database.run("delete from refused_plans where name = ?", dagId);
  };

  return {
    find(dagId) {
      const row = database.one<PlanRow>(`${SELECT} where p.dag_id = ?`, dagId);
      return row === undefined ? undefined : toShelved(row);
    },
    list: (after, limit) =>
      database.all<PlanRow>(`${SELECT} where p.dag_id > ? order by p.dag_id limit ?`, after, limit).map(toShelved),
    version(dagId, version) {
      const sql = "select version, hash, text from plan_versions where dag_id = ? and version = ?";
      const row = database.one<Pick<PlanRow, "version" | "hash" | "text">>(sql, dagId, version);
      const plan = row === undefined ? null : load(dagId, row);
      return plan instanceof AirfleetError ? null : plan;
    },
    versions: (dagId) =>
      database
        .all<{ version: number; created_at: Micros }>(
          "select version, created_at from plan_versions where dag_id = ? order by version desc",
          dagId,
        )
        .map((row) => ({ version: row.version, createdAt: row.created_at })),
    deploy(artifact, at) {
      try {
        const { plan } = loadPlan(artifact.text, { hash: artifact.hash, version: 0 });
        if (plan.dagId !== artifact.dagId) {
          throw new AirfleetError("PLAN_INVALID", { reason: `it is of DAG "${plan.dagId}", not "${artifact.dagId}"` });
        }
        database.transaction(() => put(artifact, at));
      } catch (error) {
        if (isAirfleetError(error, "PLAN_INVALID")) {
          const sql = "insert or replace into refused_plans (name, message, at) values (?, ?, ?)";
          database.transaction(() => database.run(sql, artifact.dagId, error.message, at));
        }
        throw error;
      }
    },
    mark: (dagId, { isPaused, isRemoved }, at) =>
      database.transaction(() => {
        const sql = `update plans set is_paused = coalesce(?, is_paused), is_removed = coalesce(?, is_removed),
          changed_at = ? where dag_id = ?`;
        return database.run(sql, flag(isPaused), flag(isRemoved), nextChange(at), dagId) > 0;
      }),
    lastChange,
  };
};
