import { closeSync, fdatasync, mkdirSync, openSync } from "node:fs";
import path from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { promisify } from "node:util";
import { createGroupSync } from "./group-sync.ts";
import { MIGRATIONS } from "./migrations.ts";

/** The engine's own state in one SQLite file, for any number of processes of one machine. */
export interface EngineDatabase {
  /** Where the file is; logs and rows lie beside it. */
  readonly directory: string;
  /** What processes that are started for this file carry in their environment. */
  readonly id: string;
  // Statements and the shapes of their rows stand side by side where they are used; SQLite cannot tell us either.
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  one<Row>(sql: string, ...values: readonly SQLInputValue[]): Row | undefined;
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  all<Row>(sql: string, ...values: readonly SQLInputValue[]): readonly Row[];
  /** @returns rows changed */
  run(sql: string, ...values: readonly SQLInputValue[]): number;
  /** All or nothing, one writer at a time over all processes. May be called within itself. */
  transaction<Value>(work: () => Value): Value;
  /** Resolves when everything that is committed by now survives a power cut; one sync serves all who wait. */
  synced(): Promise<void>;
  /** Whether another connection wrote since this was last asked. */
  hasForeignChanges(): boolean;
  close(): Promise<void>;
}

/** Another process may hold the write lock while it checkpoints. */
const BUSY_MS = 10_000;

const migrate = (sql: DatabaseSync, file: string): void => {
  const versionOf = (): number => Number(sql.prepare("pragma user_version").get()?.["user_version"]);
  if (versionOf() > MIGRATIONS.length) {
    throw new Error(`${file} was written by a newer version (${versionOf()}); this one knows ${MIGRATIONS.length}`);
  }
  sql.exec("begin immediate");
  try {
    for (let version = versionOf(); version < MIGRATIONS.length; version += 1) {
      sql.exec(MIGRATIONS[version] ?? "");
      sql.exec(`pragma user_version = ${version + 1}`);
    }
    sql.exec("commit");
  } catch (error) {
    sql.exec("rollback");
    throw error;
  }
};

/**
 * Opens the file, or creates it.
 *
 * A commit goes to the write-ahead log and is seen by all at once; `kill -9` loses nothing of it. Against a power cut the
 * log is synced, which is asked for where a promise is made (`synced`) and not with each commit: steps that only make
 * files out of files may well be done again. The sync is done beside the work by one call for all who wait for it, since
 * SQLite's own (`synchronous=FULL`) would hold up the whole process for milliseconds each time.
 */
export const openEngineDatabase = (directory: string): EngineDatabase => {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = path.join(directory, "engine.db");
  const sql = new DatabaseSync(file, { timeout: BUSY_MS, enableForeignKeyConstraints: true });
  try {
    sql.exec("pragma journal_mode = wal; pragma synchronous = normal; pragma temp_store = memory;");
    migrate(sql, file);
  } catch (error) {
    sql.close();
    throw error;
  }
  const log = openSync(`${file}-wal`, "r+");
  const sync = createGroupSync(() => promisify(fdatasync)(log));
  const statements = new Map<string, StatementSync>();
  const prepare = (text: string): StatementSync => {
    const known = statements.get(text) ?? sql.prepare(text);
    statements.set(text, known);
    return known;
  };
  const dataVersion = (): number => Number(prepare("pragma data_version").get()?.["data_version"]);
  let seenVersion = dataVersion();
  let depth = 0;
  let closing: Promise<void> | undefined;

  const database: EngineDatabase = {
    directory,
    id: String(prepare("select id from engine").get()?.["id"]),
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
    one: <Row>(text: string, ...values: readonly SQLInputValue[]) => prepare(text).get(...values) as Row | undefined,
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
    all: <Row>(text: string, ...values: readonly SQLInputValue[]) => prepare(text).all(...values) as unknown as Row[],
    run: (text, ...values) => Number(prepare(text).run(...values).changes),
    transaction(work) {
      if (depth > 0) return work();
      sql.exec("begin immediate");
      depth += 1;
      try {
        const value = work();
        sql.exec("commit");
        return value;
      } catch (error) {
        // A full disk may have ended the transaction already.
        if (sql.isTransaction) sql.exec("rollback");
        throw error;
      } finally {
        depth -= 1;
      }
    },
    synced: sync,
    hasForeignChanges() {
      const version = dataVersion();
      const isNew = version !== seenVersion;
      seenVersion = version;
      return isNew;
    },
    close() {
      closing ??= (async () => {
        await sync().catch(() => undefined);
        closeSync(log);
        sql.close();
      })();
      return closing;
    },
  };
  return database;
};
