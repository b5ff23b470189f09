import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Kysely, sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sqliteDialect } from "../src/backend/sqlite/dialect.ts";
import { openDatabase } from "../src/backend/sqlite/open-database.ts";

interface Tables {
  readonly things: { readonly id: number; readonly text: string };
}

let directory: string;
let db: Kysely<Tables>;
/** Somebody else, who sees what is committed. */
let other: DatabaseSync;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "airfleet-commit-"));
  const file = join(directory, "things.db");
  db = new Kysely<Tables>({ dialect: sqliteDialect(openDatabase(file, { check: false })) });
  await sql`create table things (id integer primary key, text text not null) strict`.execute(db);
  other = new DatabaseSync(file);
});
afterEach(async () => {
  await db.destroy();
  other.close();
  rmSync(directory, { recursive: true, force: true });
});

const committed = (): readonly number[] =>
  other
    .prepare("select id from things order by id")
    .all()
    .map(({ id }) => Number(id));

/** Changes with each commit that happened since the last look. */
const dataVersion = (): number => Number(other.prepare("pragma data_version").get()?.["data_version"]);

const insert = (id: number): Promise<unknown> => db.insertInto("things").values({ id, text: "x" }).execute();

const insertInTransaction = (id: number, before?: () => Promise<void>): Promise<void> =>
  db.transaction().execute(async (trx) => {
    await before?.();
    await trx.insertInto("things").values({ id, text: "x" }).execute();
  });

describe("writers that come together share a commit", () => {
  it("a hundred at once are a few commits, and each is committed when it answers", async () => {
    const versions = new Set<number>();
    const ids = Array.from({ length: 100 }, (_, index) => index);
    await Promise.all(
      ids.map(async (id) => {
        await (id % 2 === 0 ? insertInTransaction(id) : insert(id));
        expect(committed()).toContain(id);
        versions.add(dataVersion());
      }),
    );
    expect(committed()).toEqual(ids);
    expect(versions.size).toBeLessThan(10);
  });

  it("one that rolls back takes nothing of the others with it", async () => {
    const outcomes = await Promise.allSettled([
      insertInTransaction(1),
      insertInTransaction(2, () => Promise.reject(new Error("changed my mind"))),
      insertInTransaction(3),
      db.transaction().execute(async (trx) => {
        await trx.insertInto("things").values({ id: 4, text: "x" }).execute();
        throw new Error("after writing");
      }),
      insert(1),
      insert(5),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "rejected",
      "rejected",
      "fulfilled",
    ]);
    expect(committed()).toEqual([1, 3, 5]);
  });

  it("nobody outside of a transaction reads what is not on the disk", async () => {
    const reads: number[] = [];
    await Promise.all([
      insertInTransaction(1),
      ...Array.from({ length: 20 }, async (_, index) => {
        const rows = await db.selectFrom("things").select("id").execute();
        reads.push(rows.length);
        // Whatever is read is committed already when it is known.
        expect(committed().length).toBeGreaterThanOrEqual(rows.length);
        await insertInTransaction(100 + index);
      }),
    ]);
    expect(reads).toHaveLength(20);
  });

  it("a transaction reads its own writes, and those of nobody who failed", async () => {
    const [, mine] = await Promise.allSettled([
      insertInTransaction(1, () => Promise.reject(new Error("no"))),
      db.transaction().execute(async (trx) => {
        await trx.insertInto("things").values({ id: 2, text: "x" }).execute();
        return (await trx.selectFrom("things").select("id").execute()).map(({ id }) => id);
      }),
    ]);
    expect(mine).toMatchObject({ status: "fulfilled", value: [2] });
  });

  it("when the commit itself fails, all of the group are told, and the next ones work", async () => {
    await sql`create table parents (id integer primary key) strict`.execute(db);
    await sql`create table children (parent integer references parents (id) deferrable initially deferred) strict`.execute(
      db,
    );
    const outcomes = await Promise.allSettled([
      insertInTransaction(1),
      sql`insert into children (parent) values (7)`.execute(db),
      insertInTransaction(2),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(committed()).toEqual([]);
    await insertInTransaction(3);
    expect(committed()).toEqual([3]);
  });

  it("closing puts what is in progress on the disk", async () => {
    const writing = insertInTransaction(1);
    await writing;
    const last = insert(2);
    await last;
    await db.destroy();
    expect(committed()).toEqual([1, 2]);
  });
});
