import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { generateSecretKey, openStore } from "../src/index.ts";
import { LATEST_MIGRATION } from "../src/migrations/migrate.ts";
import { backends, PATIENT, type Place } from "./backends.ts";
import { closeToOthers } from "../src/backend/sqlite/data-dir.ts";
import { EU, instanceOf, pauseOf } from "./samples.ts";

const refuseWith = (code: string) => () => {
  throw Object.assign(new Error(code), { code });
};

const sqlite = backends.find(({ name }) => name === "sqlite")!;
const postgres = backends.find(({ name }) => name === "postgres")!;

const migrations = async (place: Place) =>
  (await place.sql("select name from airfleet_migrations order by name")).map(({ name }) => name);

/** Those of the first two migrations. */
const FIRST_TABLES = new Set([
  "store_facts",
  "settings",
  "tokens",
  "idempotency_keys",
  "leases",
  "members",
  "instances",
  "known_instances",
  "readings",
  "probes",
  "dags",
  "dag_tags",
  "dag_texts",
  "import_errors",
]);

for (const backend of backends) {
  describe(`opening a store on ${backend.name}`, PATIENT, () => {
    it("migrates an empty place, and finds nothing to do the next time", async () => {
      await using place = await backend.freshPlace();
      await (await place.open()).close();
      const applied = await place.sql("select * from airfleet_migrations order by name");
      expect(applied.map(({ name }) => name).slice(0, 3)).toEqual(["0001-house", "0002-fleet", "0003-work"]);
      expect(applied.at(-1)?.["name"]).toBe(LATEST_MIGRATION);
      await using store = await place.open();
      expect(store.backend).toBe(backend.name);
      expect(await place.sql("select * from airfleet_migrations order by name")).toEqual(applied);
    });

    it("refuses a store that a newer version has written, and leaves it alone", async () => {
      await using place = await backend.freshPlace();
      await (await place.open()).close();
      const before = await migrations(place);
      await place.sql("insert into airfleet_migrations (name, timestamp) values ('0999-later', 'x')");
      const newer = { code: "STORE_NEWER", details: { found: "0999-later", known: LATEST_MIGRATION } };
      await expect(place.open()).rejects.toMatchObject(newer);
      expect(await migrations(place)).toHaveLength(before.length + 1);
    });

    it("refuses another key than the store was written with, naming ids and never a key", async () => {
      await using place = await backend.place();
      await (await place.open()).close();
      const other = generateSecretKey();
      const error = await place.open({ secretKey: other }).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: "SECRET_KEY_WRONG" });
      expect(String(error)).not.toContain(other);
      await expect(place.open({ secretKey: "short" })).rejects.toMatchObject({ code: "SECRET_KEY_INVALID" });
      await (await place.open()).close();
    });

    it("says that it takes writes", async () => {
      await using place = await backend.place();
      await using store = await place.open();
      await store.checkReady();
      await place.passTime(1_000);
      expect(await store.checkReady()).toBeUndefined();
    });
  });
}

describe("opening a store on postgres, with others", PATIENT, () => {
  it("lets one of several servers that start together migrate, while the others wait", async () => {
    await using place = await postgres.freshPlace();
    const stores = await Promise.all(Array.from({ length: 4 }, () => place.open()));
    expect((await migrations(place)).at(-1)).toBe(LATEST_MIGRATION);
    await stores[3].instances.create(instanceOf("eu-1"));
    expect(await stores[0].instances.find(EU)).toMatchObject({ version: 1 });
    await Promise.all(stores.map((store) => store.close()));
  });

  it("asks for a key before anything else", async () => {
    await expect(openStore({ url: "postgresql://nobody@127.0.0.1:1/none" })).rejects.toMatchObject({
      code: "SECRET_KEY_MISSING",
    });
  });

  it("says that the database cannot be reached, without its password", async () => {
    const url = "postgresql://nobody:canary@127.0.0.1:1/none";
    const error = await openStore({ url, secretKey: generateSecretKey() }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", status: 503 });
    expect(String(error)).not.toContain("canary");
    await expect(openStore({ url: "mysql://x" })).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });
});

/** With the key file of the directory. */
const openOwn = (place: Place) => openStore(place.address);

describe("a data directory", PATIENT, () => {
  it("is readable by its user only, with a key made for it", async () => {
    await using place = await sqlite.place();
    const dataDir = join(place.address.dataDir!, "deep", "er");
    const store = await openStore({ dataDir });
    const mode = (file: string) => (statSync(join(dataDir, file)).mode & 0o777).toString(8);
    expect([mode("."), mode("airfleet.db"), mode("secret.key"), mode("airfleet.pid")]).toEqual([
      "700",
      "600",
      "600",
      "600",
    ]);
    expect(readFileSync(join(dataDir, "airfleet.pid"), "utf8")).toBe(`${process.pid}\n`);
    await store.close();
    expect(readdirSync(dataDir).toSorted()).toEqual(["airfleet.db", "airfleet.lock", "secret.key"]);
  });

  it("may belong to somebody else, as a container's volume does", () => {
    expect(() => closeToOthers("/data", refuseWith("EPERM"))).not.toThrow();
    expect(() => closeToOthers("/data", refuseWith("EROFS"))).toThrow("EROFS");
  });

  it("is set up to survive a power cut", async () => {
    await using place = await sqlite.place();
    await using store = await place.open();
    expect(store.sharedByProcesses).toBe(false);
    const [journal] = await place.sql("pragma journal_mode");
    expect(journal).toEqual({ journal_mode: "wal" });
    const tables = await place.sql(
      "select name, strict from pragma_table_list where type = 'table' and name not like 'sqlite_%'",
    );
    expect(
      tables.filter(({ name, strict }) => strict === 0 && !String(name).startsWith("airfleet_migrations")),
    ).toEqual([]);
    expect(tables.length).toBeGreaterThan(15);
  });

  it("refuses a second opener, naming the process, and is free again afterwards", async () => {
    await using place = await sqlite.place();
    const store = await place.open();
    const locked = { code: "DATA_DIR_LOCKED", details: { path: place.address.dataDir, pid: String(process.pid) } };
    await expect(place.open()).rejects.toMatchObject(locked);
    await store.actions.record(pauseOf("still-works"));
    await store.close();
    await (await place.open()).close();
  });

  it("takes back what its former process had leased", async () => {
    await using place = await sqlite.place();
    const former = await place.open();
    await former.actions.record(pauseOf("orders"), { leaseTo: { owner: "former", leaseMs: 3_600_000 } });
    await former.leases.acquire({ name: "poller", owner: "former", ttlMs: 3_600_000 });
    await former.members.heartbeat({ id: "former", hostname: "h", pid: 1, roles: [] });
    await former.close();
    await using store = await place.open();
    const [claimed] = await store.actions.claim({ owner: "new", limit: 1, leaseMs: 1_000 });
    expect(claimed?.lease.fencingToken).toBe(2);
    expect(await store.leases.acquire({ name: "poller", owner: "new", ttlMs: 1_000 })).toMatchObject({ term: 2 });
    expect(await store.members.live(3_600_000)).toEqual([]);
  });

  it("makes no second key when the first was lost", async () => {
    await using place = await sqlite.place();
    await (await openOwn(place)).close();
    const file = join(place.address.dataDir!, "secret.key");
    rmSync(file);
    await expect(openOwn(place)).rejects.toMatchObject({ code: "SECRET_KEY_WRONG" });
    expect(existsSync(file)).toBe(false);
  });

  it("replaces its key file with a rotation, also one that was cut off half-way", async () => {
    await using place = await sqlite.place();
    const dataDir = place.address.dataDir!;
    const [file, unfinished] = [join(dataDir, "secret.key"), join(dataDir, "secret.key.next")];
    const rotated = await openOwn(place);
    await rotated.instances.create(instanceOf("eu-1"));
    const old = readFileSync(file, "utf8");
    const next = generateSecretKey();
    await rotated.rotateSecretKey(next);
    await rotated.close();
    expect(readFileSync(file, "utf8").trim()).toBe(next);

    // As a crash leaves it after the rows were rewritten and before the file was renamed …
    writeFileSync(unfinished, next);
    writeFileSync(file, old);
    await (await openOwn(place)).close();
    expect(readFileSync(file, "utf8").trim()).toBe(next);
    // … and as one leaves it before.
    writeFileSync(unfinished, generateSecretKey());
    await using store = await openOwn(place);
    expect((await store.instances.find(EU))?.config.auth).toMatchObject({ password: "canary-password" });
    expect(existsSync(unfinished)).toBe(false);
  });

  it("is copied before it is migrated from an older version", async () => {
    await using place = await sqlite.place();
    await (await place.open()).close();
    // What a store of two migrations looks like.
    const tables = await place.sql(
      "select name from sqlite_schema where type = 'table' and name not like 'airfleet_%'",
    );
    for (const { name } of tables) {
      if (!FIRST_TABLES.has(String(name))) await place.sql(`drop table ${String(name)}`);
    }
    await place.sql("delete from airfleet_migrations where name >= '0003'");
    const told: string[] = [];
    const note = (_fields: object, message: string) => void told.push(message);
    await using store = await place.open({ logger: { info: note, warn: note, error: note } });
    expect(told).toEqual(["the store was copied before it is migrated"]);
    expect(readdirSync(place.address.dataDir!)).toContain("airfleet.db.before-0003-work");
    await store.actions.record(pauseOf("orders"));
  });

  it("is checked after an unclean end, and refused when it is damaged", async () => {
    await using place = await sqlite.place();
    const store = await place.open();
    for (let index = 0; index < 50; index += 1) await store.actions.record(pauseOf(`dag_${index}`));
    await store.close();
    const dataDir = place.address.dataDir!;
    const bytes = readFileSync(join(dataDir, "airfleet.db"));
    writeFileSync(join(dataDir, "airfleet.db"), bytes.fill(0x5a, 8_192, bytes.length - 4_096));
    writeFileSync(join(dataDir, "airfleet.pid"), "1\n");
    await expect(place.open()).rejects.toMatchObject({ code: "STORE_DAMAGED" });
  });
});
