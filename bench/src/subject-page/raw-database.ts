import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Client } from "pg";

/** Statements behind the store's back, to fill it faster than observations ever could. */
export interface RawDatabase extends AsyncDisposable {
  run(statement: string): Promise<void>;
  /** Names and definitions of the indexes that are no constraint. */
  indexes(table: string): Promise<readonly { readonly name: string; readonly definition: string }[]>;
}

const openSqlite = (dataDir: string): RawDatabase => {
  const database = new DatabaseSync(path.join(dataDir, "airfleet.db"));
  database.exec("pragma synchronous = off; pragma cache_size = -1000000; pragma temp_store = file");
  return {
    run: async (statement) => database.exec(statement),
    indexes: async (table) => {
      const rows = database
        .prepare("select name, sql from sqlite_schema where type = 'index' and tbl_name = ? and sql is not null")
        .all(table);
      return rows.map((row) => ({ name: String(row["name"]), definition: String(row["sql"]) }));
    },
    [Symbol.asyncDispose]: async () => {
      database.exec("pragma wal_checkpoint(truncate)");
      database.close();
    },
  };
};

const openPostgres = async (url: string): Promise<RawDatabase> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query("set synchronous_commit = off; set maintenance_work_mem = '512MB'; set work_mem = '256MB'");
  return {
    run: async (statement) => void (await client.query(statement)),
    indexes: async (table) => {
      const { rows } = await client.query<{ name: string; definition: string }>(
        `select indexname as name, indexdef as definition from pg_indexes where tablename = $1
         and indexname not in (select conname from pg_constraint)`,
        [table],
      );
      return rows;
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
};

/** Where a store under measurement lives. */
export type StorePlace = { readonly dataDir: string } | { readonly url: string };

export const openRaw = async (place: StorePlace): Promise<RawDatabase> =>
  "url" in place ? openPostgres(place.url) : openSqlite(place.dataDir);
