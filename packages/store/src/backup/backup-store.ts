import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, link, open, rm } from "node:fs/promises";
import { backup as copyDatabase, DatabaseSync } from "node:sqlite";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { AirfleetError, isAirfleetError } from "@airfleet/model";
import type { Clock } from "../clock.ts";
import { LATEST_MIGRATION } from "../migrations/migrate.ts";
import type { BackupSummary } from "../store.ts";
import { FORMAT_VERSION, type Header } from "./portable-format.ts";
import { BACKUP_TABLES, type BackupTable, type Snapshot, type TableReader } from "./snapshot.ts";

/** What a backup is made from. */
export interface BackupSource {
  readonly keyId: string;
  readonly clock: Clock;
  readonly snapshot: Snapshot;
  /** The file of a SQLite store. */
  readonly databaseFile?: string;
}

type Counts = Record<string, number>;

async function* tableLines(read: TableReader, table: BackupTable, counts: Counts): AsyncGenerator<string> {
  const hash = createHash("sha256");
  let columns: readonly string[] | undefined;
  let count = 0;
  for await (const rows of read(table)) {
    if (columns === undefined) {
      columns = Object.keys(rows[0] ?? {});
      yield `${JSON.stringify({ table, columns })}\n`;
    }
    const names = columns;
    const text = rows.map((row) => `${JSON.stringify(names.map((name) => row[name]))}\n`).join("");
    hash.update(text);
    count += rows.length;
    yield text;
  }
  counts[table] = count;
  if (count > 0) yield `${JSON.stringify({ end: table, rows: count, sha256: hash.digest("hex") })}\n`;
}

async function* lines(header: Header, read: TableReader, counts: Counts): AsyncGenerator<string> {
  yield `${JSON.stringify(header)}\n`;
  for (const table of BACKUP_TABLES) yield* tableLines(read, table, counts);
  yield `${JSON.stringify({ complete: true })}\n`;
}

const writePortable = async (file: string, { keyId, clock, snapshot }: BackupSource): Promise<Counts> => {
  const counts: Counts = {};
  const header = {
    airfleet_backup: FORMAT_VERSION,
    schema: LATEST_MIGRATION,
    key_id: keyId,
    created_at: clock(),
  } as const;
  const handle = await open(file, "wx", 0o600);
  try {
    const write = async (zipped: AsyncIterable<Buffer>): Promise<void> => {
      for await (const bytes of zipped) await handle.appendFile(bytes);
    };
    await snapshot((read) => pipeline(Readable.from(lines(header, read, counts)), createGzip(), write));
  } finally {
    await handle.close();
  }
  return counts;
};

/** In one step: a copy in several begins anew each time that the server writes in between. */
const ALL_PAGES = 2_147_483_647;

const writeSqlite = async (file: string, databaseFile: string): Promise<Counts> => {
  // By a connection of its own, which sees only what is committed.
  const database = new DatabaseSync(databaseFile, { timeout: 5_000 });
  try {
    await copyDatabase(database, file, { rate: ALL_PAGES });
  } finally {
    database.close();
  }
  await chmod(file, 0o600);
  const copy = new DatabaseSync(file);
  try {
    // A file by itself, without the two that WAL mode keeps beside it.
    copy.exec("pragma journal_mode = delete");
    const count = (table: string): number =>
      Number(copy.prepare(`select count(*) as rows from ${table}`).get()?.["rows"]);
    return Object.fromEntries(BACKUP_TABLES.map((table) => [table, count(table)]));
  } finally {
    copy.close();
  }
};

const flush = async (file: string): Promise<void> => {
  const handle = await open(file, "r");
  await handle.sync();
  await handle.close();
};

const failed = (file: string, error: unknown): AirfleetError =>
  isAirfleetError(error)
    ? error
    : new AirfleetError(
        "BACKUP_FAILED",
        { file, reason: error instanceof Error ? error.message : String(error) },
        { cause: error },
      );

/**
 * Writes a backup under another name and gives it its own when it is whole and on the disk.
 *
 * @throws {AirfleetError} BACKUP_FAILED, also when the file is there already or the form is not possible here.
 */
export const backupStore = async (
  file: string,
  form: BackupSummary["form"],
  source: BackupSource,
): Promise<BackupSummary> => {
  if (existsSync(file)) throw failed(file, "it is there already");
  const { databaseFile } = source;
  if (form === "sqlite" && databaseFile === undefined)
    throw failed(file, "a store on PostgreSQL has the portable form only");
  const unfinished = `${file}.part`;
  try {
    await rm(unfinished, { force: true });
    const rows =
      form === "sqlite" && databaseFile !== undefined
        ? await writeSqlite(unfinished, databaseFile)
        : await writePortable(unfinished, source);
    await flush(unfinished);
    // Unlike a rename, a link never replaces a file that somebody made meanwhile.
    await link(unfinished, file);
    return { form, schema: LATEST_MIGRATION, rows };
  } catch (error) {
    throw failed(file, error);
  } finally {
    await rm(unfinished, { force: true });
  }
};
