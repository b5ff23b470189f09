import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { toActionId } from "@airfleet/model";
import { backends, onServer } from "../backends.ts";
import { pauseOf } from "../samples.ts";
import { startChild } from "./child.ts";

const PATIENT = { timeout: 120_000 };
const sqlite = backends.find(({ name }) => name === "sqlite")!;
const postgres = backends.find(({ name }) => name === "postgres")!;
const unavailable = { code: "STORE_UNAVAILABLE", status: 503, retryable: true };
const busy = { code: "STORE_BUSY", status: 503, retryable: true };

describe("a full disk under SQLite", PATIENT, () => {
  it("is an error of each write, loses nothing acknowledged, and is over when there is room again", async () => {
    await using place = await sqlite.place();
    await using writer = startChild("writer.ts", place);
    await writer.heard("ack");
    // What a full disk is for one file: no byte beyond here.
    const sizes = ["airfleet.db", "airfleet.db-wal"].map((name) => statSync(join(place.address.dataDir!, name)).size);
    const limit = (bytes: string) => execFileSync("prlimit", ["--pid", String(writer.pid), `--fsize=${bytes}`]);
    limit(`${Math.max(...sizes) + 100_000}:unlimited`);
    // The readiness check writes little and may still fit where an action did not; soon that does not fit either.
    await writer.heard("error STORE_UNAVAILABLE unready");
    const errors = writer.lines.filter((line) => line.startsWith("error "));
    expect(errors.filter((line) => !line.startsWith("error STORE_UNAVAILABLE "))).toEqual([]);
    const full = writer.lines.length;
    limit("unlimited:unlimited");
    await writer.heard("ack", full);
    await writer.kill();
    await using store = await place.open();
    const acknowledged = writer.lines.filter((line) => line.startsWith("ack ")).map((line) => line.slice(4));
    for (const id of acknowledged) expect(await store.actions.find(toActionId(id))).toBeDefined();
    while ((await store.audit.sequence()) > 0);
    expect(await store.audit.verify()).toMatchObject({ ok: true });
  });
});

describe("somebody else's lock", PATIENT, () => {
  it("on SQLite is waited for, and after five seconds told as busy", async () => {
    await using place = await sqlite.place();
    await using store = await place.open();
    const other = new DatabaseSync(join(place.address.dataDir!, "airfleet.db"));
    other.exec("begin immediate");
    await expect(store.actions.record(pauseOf("orders"))).rejects.toMatchObject(busy);
    expect((await store.actions.list({ limit: 1 })).items).toEqual([]);
    other.close();
    expect(await store.actions.record(pauseOf("orders"))).toMatchObject({ created: true });
  });

  it("on PostgreSQL is waited for, and after five seconds told as busy", async () => {
    await using place = await postgres.freshPlace();
    await using store = await place.open();
    await place.sql("begin");
    await place.sql("lock table audit_pending in access exclusive mode");
    await expect(store.actions.record(pauseOf("orders"))).rejects.toMatchObject(busy);
    await place.sql("rollback");
    expect(await store.actions.record(pauseOf("orders"))).toMatchObject({ created: true });
  });
});

describe("a PostgreSQL that goes away", PATIENT, () => {
  it("fails what is asked meanwhile, keeps this process alive, and is found again when it is back", async () => {
    await using place = await postgres.freshPlace();
    await using store = await place.open();
    await store.actions.record(pauseOf("before"));
    const database = new URL(place.address.url!).pathname.slice(1);
    await onServer(`alter database ${database} with allow_connections false`);
    await onServer(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`);
    await expect(store.actions.record(pauseOf("meanwhile"))).rejects.toMatchObject(unavailable);
    await place.passTime(1_000);
    await expect(store.checkReady()).rejects.toMatchObject(unavailable);
    await onServer(`alter database ${database} with allow_connections true`);
    await expect
      .poll(
        () =>
          store.checkReady().then(
            () => "ready",
            () => "unready",
          ),
        { timeout: 20_000 },
      )
      .toBe("ready");
    await store.actions.record(pauseOf("after"));
    const { items } = await store.actions.list({ limit: 5 });
    expect(items.map(({ dagId }) => dagId)).toEqual(["after", "before"]);
  });
});
