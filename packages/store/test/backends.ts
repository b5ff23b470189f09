import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import { afterAll } from "vitest";
import { ensurePostgres } from "../../../tools/engines/src/index.ts";
import type { BackendName } from "../src/backend/profile.ts";
import { generateSecretKey, openStore, type OpenStoreOptions, type Store } from "../src/index.ts";

type Row = Readonly<Record<string, unknown>>;

/** Room for one store of its own, gone when the test is over. */
export interface Place extends AsyncDisposable {
  readonly backend: BackendName;
  /** `dataDir` or `url`. */
  readonly address: Pick<OpenStoreOptions, "url" | "dataDir">;
  readonly secretKey: string;
  open(options?: Partial<OpenStoreOptions>): Promise<Store>;
  /** Statements behind the store's back. */
  sql(statement: string): Promise<readonly Row[]>;
  /** Lets this much time pass by the clock that leases are measured with. */
  passTime(ms: number): Promise<void>;
}

/** A clock that moves when it is told to, from a fixed date on. */
const createTestClock = () => {
  let time = Date.parse("2026-11-21T10:00:00Z");
  return {
    now: () => time,
    advance: (ms: number) => {
      time += ms;
    },
  };
};

const openSqlitePlace = async (): Promise<Place> => {
  const dataDir = mkdtempSync(join(tmpdir(), "airfleet-store-"));
  const clock = createTestClock();
  const secretKey = generateSecretKey();
  const address = { dataDir };
  let own: DatabaseSync | undefined;
  return {
    backend: "sqlite",
    address,
    secretKey,
    open: (options = {}) => openStore({ ...address, secretKey, clock: clock.now, ...options }),
    sql: async (statement) => {
      own ??= new DatabaseSync(join(dataDir, "airfleet.db"), { timeout: 5_000 });
      return own.prepare(statement).all();
    },
    passTime: async (ms) => clock.advance(ms),
    [Symbol.asyncDispose]: async () => {
      own?.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
};

const connect = async (url: string): Promise<Client> => {
  const client = new Client({ connectionString: url });
  // Tests end connections from outside; without a listener that ends this process.
  client.on("error", () => undefined);
  await client.connect();
  return client;
};

const once = async (url: string, statement: string): Promise<void> => {
  const client = await connect(url);
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
};

/** A statement to the server itself, from outside of any store's database. */
export const onServer = async (statement: string): Promise<void> => {
  const server = await ensurePostgres();
  await once(server.url, statement);
  await server.close();
};

/** A database that is made once for a test file: making one costs PostgreSQL more than all the cases of a file. */
let shared: Promise<{ readonly url: string; readonly client: Client; drop(): Promise<void> }> | undefined;
afterAll(async () => {
  await (await shared)?.drop();
});

const createDatabase = async () => {
  const server = await ensurePostgres();
  const database = `airfleet_store_${randomBytes(6).toString("hex")}`;
  await once(server.url, `create database ${database}`);
  const url = new URL(server.url);
  url.pathname = `/${database}`;
  const client = await connect(url.href);
  const drop = async () => {
    await client.end();
    await once(server.url, `drop database ${database} with (force)`);
    await server.close();
  };
  return { url: url.href, client, drop };
};

/** As a migration leaves it. */
const clear = async (client: Client): Promise<void> => {
  const { rows } = await client.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public' and tablename not like 'airfleet_migrations%'",
  );
  const deletes = rows.map(({ name }) =>
    name === "sequences" ? "update sequences set seq = 0, hash = ''" : `delete from ${name}`,
  );
  await client.query(["begin", ...deletes, "commit"].join(";"));
};

const openPostgresPlace = async (isFresh: boolean): Promise<Place> => {
  if (!isFresh) shared ??= createDatabase();
  const database = await (isFresh || shared === undefined ? createDatabase() : shared);
  const address = { url: database.url };
  const clock = createTestClock();
  const secretKey = generateSecretKey();
  return {
    backend: "postgres",
    address,
    secretKey,
    open: (options = {}) => openStore({ ...address, secretKey, clock: clock.now, ...options }),
    sql: async (statement) => (await database.client.query<Record<string, unknown>>(statement)).rows,
    passTime: async (ms) => {
      clock.advance(ms);
      // The database's clock is nobody's to move.
      await pause(ms + 5);
    },
    [Symbol.asyncDispose]: () => (isFresh ? database.drop() : clear(database.client)),
  };
};

export interface TestBackend {
  readonly name: BackendName;
  /** For one case after the other of a file; its tables may be there already, empty. */
  place(): Promise<Place>;
  /** With nothing in it, and for whatever is done to it. */
  freshPlace(): Promise<Place>;
}

/** Every case of the store's suite is run on each of them. */
export const backends: readonly TestBackend[] = [
  { name: "sqlite", place: openSqlitePlace, freshPlace: openSqlitePlace },
  { name: "postgres", place: () => openPostgresPlace(false), freshPlace: () => openPostgresPlace(true) },
];

/** How long a case may take on a machine that does much else. */
export const PATIENT = { timeout: 60_000 };

/** Runs `work` on a new store of this backend. */
export const withStore = async (
  backend: TestBackend,
  work: (store: Store, place: Place) => Promise<void>,
): Promise<void> => {
  await using place = await backend.place();
  await using store = await place.open();
  await work(store, place);
};
