import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { generateSecretKey, type Store } from "../src/index.ts";
import { BACKUP_TABLES } from "../src/backup/snapshot.ts";
import { LATEST_MIGRATION } from "../src/migrations/migrate.ts";
import { backends, PATIENT, type Place } from "./backends.ts";
import { keyOf, readOf, runOf, subjectOf } from "./run-samples.ts";
import { dagOf, EU, instanceOf, pauseOf } from "./samples.ts";

const folder = mkdtempSync(join(tmpdir(), "airfleet-backup-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = (): string => {
  files += 1;
  return join(folder, `backup-${files}`);
};

const fill = async (store: Store): Promise<void> => {
  await store.instances.create(instanceOf("eu-1"));
  await store.knownInstances.remember([{ id: EU, source: "stored", enabled: true }]);
  await store.dags.observe(
    EU,
    Array.from({ length: 1_203 }, (_, index) => dagOf(`dag_${index}`, { tags: ["t", 'ü\n"'] })),
    1_000,
  );
  await store.importErrors.replace(EU, [{ id: "1", file: "f", bundle: null, stackTrace: "[1]\n{}", at: null }], 1_000);
  for (let index = 0; index < 5; index += 1)
    await store.actions.record(pauseOf(`dag_${index}`, { secret: { conf: "canary" } }));
  const runs = [runOf("r-1", "success", 1, { conf: { id: "ü" } }), runOf("r-2", "failed", 2)];
  await store.runs.observe({
    instance: EU,
    observations: runs.map((run) => readOf(run)),
    subjectsOf: () => [subjectOf("a"), subjectOf("b")],
  });
  await store.audit.sequence(3);
  await store.events.sequence(3);
  await store.tokens.create({ name: "ci", role: "admin", instances: ["*"], createdBy: "local" });
  await store.readings.succeeded({ instance: EU, feed: "dags", attemptedAt: 1, durationMs: 1 });
  await store.probes.save(EU, { version: "3.3.2" }, 1);
  await store.settings.set("x", { y: 1 });
  await store.idempotency.begin({ actor: "a", method: "POST", route: "/", key: "k", requestHash: "h" });
};

const contents = async (place: Place): Promise<Record<string, unknown>> => {
  const all: Record<string, unknown> = {};
  for (const table of BACKUP_TABLES) {
    if (table === "store_facts") continue;
    const rows = await place.sql(`select * from ${table}`);
    // pg's own client gives int8 as text.
    const plain = rows.map((row) =>
      JSON.stringify(
        Object.entries(row).map(([name, value]) => [name, typeof value === "number" ? `${value}` : value]),
      ),
    );
    all[table] = plain.toSorted();
  }
  return all;
};

for (const backend of backends) {
  describe(`backup on ${backend.name}`, PATIENT, () => {
    for (const target of backends) {
      it(`is restored on ${target.name} with every row as it was`, async () => {
        await using place = await backend.place();
        await using store = await place.open();
        await fill(store);
        const file = newFile();
        const written = await store.backup(file, "portable");
        expect(written).toMatchObject({ form: "portable", schema: LATEST_MIGRATION });
        expect(written.rows).toMatchObject({ dags: 1_203, dag_tags: 2_406, audit: 3, audit_pending: 2, instances: 1 });
        expect((statSync(file).mode & 0o777).toString(8)).toBe("600");
        expect(gunzipSync(readFileSync(file)).toString()).not.toMatch(/canary/);
        expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
        const before = await contents(place);
        await store.close();

        await using other = await target.freshPlace();
        await using restored = await other.open({ secretKey: place.secretKey });
        expect(await restored.restore(file)).toEqual(written);
        expect(await contents(other)).toEqual(before);
        expect(await restored.audit.verify()).toMatchObject({ ok: true, rows: 3 });
        expect(await restored.audit.sequence()).toBe(2);
        // Runs and subjects are numbered on behind those that came back.
        const later = runOf("r-3", "success", 3);
        await restored.runs.observe({
          instance: EU,
          observations: [readOf(later)],
          subjectsOf: () => [subjectOf("a"), subjectOf("c")],
        });
        expect(await restored.subjects.find(subjectOf("a"))).toMatchObject({
          counts: { total: 3, success: 2, failed: 1 },
          lastSuccess: { key: keyOf(later) },
        });
        expect((await restored.instances.find(EU))?.config.auth).toMatchObject({ password: "canary-password" });
        expect((await restored.dags.listFleet({ limit: 10, tags: ['ü\n"'], text: "dag_1202" })).items).toHaveLength(1);
      });
    }

    it("is one instant's view while others write", async () => {
      await using place = await backend.place();
      await using store = await place.open();
      await store.dags.observe(
        EU,
        Array.from({ length: 3_000 }, (_, index) => dagOf(`dag_${index}`)),
        1_000,
      );
      const over = new AbortController();
      const writing = (async () => {
        for (let index = 0; !over.signal.aborted; index += 1) await store.actions.record(pauseOf(`dag_${index}`));
      })();
      const { rows } = await store.backup(newFile(), "portable");
      over.abort();
      await writing;
      expect(rows["dags"]).toBe(3_000);
      expect([rows["audit_pending"], rows["events_pending"]]).toEqual([rows["actions"], rows["actions"]]);
      expect((await store.actions.list({ limit: 1 })).items).toHaveLength(1);
    });

    it("is refused when it was changed, cut off or is something else, and leaves the store empty", async () => {
      await using place = await backend.freshPlace();
      await using store = await place.open();
      await fill(store);
      const file = newFile();
      await store.backup(file, "portable");
      const text = gunzipSync(readFileSync(file)).toString();
      const lines = text.split("\n");
      const damaged = {
        "changed cell": gzipSync(text.replace("/opt/airflow/dags/dag_7.py", "/opt/airflow/dags/dag_8.py")),
        "missing row": gzipSync(
          lines
            .toSpliced(
              lines.findIndex((line) => line.includes("dag_9.py")),
              1,
            )
            .join("\n"),
        ),
        "cut at the end": gzipSync(lines.slice(0, -2).join("\n")),
        "cut within gzip": readFileSync(file).subarray(0, 2_000),
        "unknown table": gzipSync(text.replace('{"table":"settings"', '{"table":"pg_shadow"')),
        "other schema": gzipSync(text.replace(`"schema":"${LATEST_MIGRATION}"`, '"schema":"0002-fleet"')),
        "no backup": Buffer.from("hello, this is a text file"),
        empty: Buffer.alloc(0),
      };
      await using other = await backend.freshPlace();
      await using target = await other.open({ secretKey: place.secretKey });
      for (const [kind, bytes] of Object.entries(damaged)) {
        const bad = newFile();
        writeFileSync(bad, bytes);
        const refused = await target.restore(bad).catch((error: unknown) => error);
        expect([kind, refused]).toEqual([kind, expect.objectContaining({ code: "BACKUP_INVALID" })]);
      }
      expect((await target.dags.listFleet({ limit: 1 })).items).toEqual([]);
      await target.restore(file);
    });

    it("is refused by a store with another key, or with data in it", async () => {
      await using place = await backend.freshPlace();
      await using store = await place.open();
      await fill(store);
      const file = newFile();
      await store.backup(file, "portable");
      await expect(store.restore(file)).rejects.toMatchObject({ code: "STORE_NOT_EMPTY" });
      await using other = await backend.freshPlace();
      await using target = await other.open({ secretKey: generateSecretKey() });
      await expect(target.restore(file)).rejects.toMatchObject({ code: "SECRET_KEY_WRONG" });
      expect(await target.instances.list()).toEqual([]);
    });

    it("never replaces a file", async () => {
      await using place = await backend.place();
      await using store = await place.open();
      const file = newFile();
      writeFileSync(file, "precious");
      await expect(store.backup(file)).rejects.toMatchObject({ code: "BACKUP_FAILED" });
      await expect(store.backup(join(folder, "none", "x"))).rejects.toMatchObject({ code: "BACKUP_FAILED" });
      expect(readFileSync(file, "utf8")).toBe("precious");
    });
  });
}

describe("backup as a database file", PATIENT, () => {
  const sqlite = backends.find(({ name }) => name === "sqlite")!;

  for (const target of backends) {
    it(`is made from SQLite by default, and restored on ${target.name}`, async () => {
      await using place = await sqlite.place();
      await using store = await place.open();
      await fill(store);
      const file = newFile();
      expect(await store.backup(file)).toMatchObject({ form: "sqlite", rows: { dags: 1_203, audit: 3 } });
      expect(readFileSync(file).subarray(0, 15).toString()).toBe("SQLite format 3");
      const bytes = readFileSync(file);
      await using other = await target.freshPlace();
      await using restored = await other.open({ secretKey: place.secretKey });
      await restored.restore(file);
      expect(await contents(other)).toEqual(await contents(place));
      expect(readFileSync(file).equals(bytes)).toBe(true);
    });
  }

  it("cannot be made from PostgreSQL", async () => {
    await using place = await backends.find(({ name }) => name === "postgres")!.place();
    await using store = await place.open();
    await expect(store.backup(newFile(), "sqlite")).rejects.toMatchObject({ code: "BACKUP_FAILED" });
  });
});
