import { AirfleetError } from "@airfleet/model";
import { type Kysely, sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import type { BackendProfile } from "../backend/profile.ts";
import { house } from "./0001-house.ts";
import { fleet } from "./0002-fleet.ts";
import { work } from "./0003-work.ts";
import { runsAndSubjects } from "./0004-runs.ts";
import { triggers } from "./0005-triggers.ts";
import { documentsDeliveriesAlerts } from "./0006-documents.ts";
import { inbox } from "./0007-inbox.ts";
import { logArchive } from "./0008-log-archive.ts";
import { subjectRules } from "./0009-subject-rules.ts";
import { runTries } from "./0010-run-tries.ts";
import { reports } from "./0011-reports.ts";
import { stops } from "./0012-stops.ts";
import { pipelines } from "./0013-pipelines.ts";
import { deployments } from "./0014-deployments.ts";
import { executions } from "./0015-executions.ts";

/** Where Kysely notes what has been run. */
const TABLES = { migrationTableName: "airfleet_migrations", migrationLockTableName: "airfleet_migrations_lock" };

/** Forward only, in this order, never changed once released: expand, move the data, contract in a later release. */
const MIGRATIONS: Readonly<Record<string, (profile: BackendProfile) => readonly string[]>> = {
  "0001-house": house,
  "0002-fleet": fleet,
  "0003-work": work,
  "0004-runs": runsAndSubjects,
  "0005-triggers": triggers,
  "0006-documents": documentsDeliveriesAlerts,
  "0007-inbox": inbox,
  "0008-log-archive": logArchive,
  "0009-subject-rules": subjectRules,
  "0010-run-tries": runTries,
  "0011-reports": reports,
  "0012-stops": stops,
  "0013-pipelines": pipelines,
  "0014-deployments": deployments,
  "0015-executions": executions,
};

/** The migration that a store of this version ends with. */
export const LATEST_MIGRATION = Object.keys(MIGRATIONS).at(-1) ?? "none";

const toMigration = (statements: readonly string[]): Migration => ({
  up: async (db) => {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
});

/** Names of the migrations a store has, oldest first; empty for one that was never migrated. */
export const appliedMigrations = async <Tables>(db: Kysely<Tables>): Promise<readonly string[]> => {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === TABLES.migrationTableName)) return [];
  const { rows } = await sql<{ readonly name: string }>`select name from airfleet_migrations order by name`.execute(db);
  return rows.map(({ name }) => name);
};

/** Migrations still to be run. @throws {AirfleetError} STORE_NEWER when the store has one that we do not know. */
export const pendingMigrations = (applied: readonly string[]): readonly string[] => {
  const unknown = applied.find((name) => !(name in MIGRATIONS));
  if (unknown !== undefined) throw new AirfleetError("STORE_NEWER", { found: unknown, known: LATEST_MIGRATION });
  return Object.keys(MIGRATIONS).filter((name) => !applied.includes(name));
};

/**
 * Brings the store to {@link LATEST_MIGRATION}, all steps in one transaction. On PostgreSQL an advisory lock lets one of
 * several servers do it while the others wait.
 *
 * @throws {AirfleetError} STORE_NEWER
 */
export const migrate = async <Tables>(db: Kysely<Tables>, profile: BackendProfile): Promise<void> => {
  if (pendingMigrations(await appliedMigrations(db)).length === 0) return;
  const entries = Object.entries(MIGRATIONS).map(([name, statements]) => [name, toMigration(statements(profile))]);
  const migrations = Object.fromEntries(entries) as Record<string, Migration>;
  const provider = { getMigrations: () => Promise.resolve(migrations) };
  const { error } = await new Migrator({ db, provider, ...TABLES }).migrateToLatest();
  if (error === undefined) return;
  // A newer server may have migrated while we waited for the lock.
  pendingMigrations(await appliedMigrations(db));
  throw error;
};
