import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { toActionId } from "@airfleet/model";
import { backends } from "../backends.ts";
import { pauseOf } from "../samples.ts";
import { startChild } from "./child.ts";

const PATIENT = { timeout: 120_000 };
const sqlite = backends.find(({ name }) => name === "sqlite")!;
const postgres = backends.find(({ name }) => name === "postgres")!;

describe("several processes on postgres", PATIENT, () => {
  it("fences a worker that slept through its lease, and counts what it was refused", async () => {
    const LEASE_MS = 400;
    await using place = await postgres.freshPlace();
    await using store = await place.open();
    const { action } = await store.actions.record(pauseOf("orders"));
    await using sleeper = startChild("worker.ts", place, String(LEASE_MS), "ask");
    await sleeper.heard(`claimed ${action.id} 1`);
    sleeper.signal("SIGSTOP");
    await place.passTime(LEASE_MS);
    const [heir] = await store.actions.claim({ owner: "heir", limit: 1, leaseMs: 60_000 });
    expect(heir?.lease.fencingToken).toBe(2);
    const outcome = { id: action.id, fencingToken: 2, state: "done", after: { by: "heir" } } as const;
    expect(await store.actions.finish(outcome)).toMatchObject({ state: "done" });
    sleeper.signal("SIGCONT");
    sleeper.say("go on");
    expect(await sleeper.heard("refused")).toBe(`refused ${action.id} 1`);
    expect((await store.actions.find(action.id))?.after).toEqual({ by: "heir" });
  });

  it("keeps every row of two that write and number at the same time, in one order", async () => {
    await using place = await postgres.freshPlace();
    const writers = [startChild("writer.ts", place), startChild("writer.ts", place)];
    await Promise.all(writers.map((writer) => writer.heard("ack")));
    await pause(500);
    for (const writer of writers) await writer.kill();
    await using store = await place.open();
    while ((await store.audit.sequence()) > 0);
    const acknowledged = writers.flatMap(({ lines }) => lines.filter((line) => line.startsWith("ack ")));
    for (const line of acknowledged) expect(await store.actions.find(toActionId(line.slice(4)))).toBeDefined();
    expect(writers.flatMap(({ lines }) => lines.filter((line) => line.startsWith("error")))).toEqual([]);
    expect(await store.audit.verify()).toMatchObject({ ok: true });
    expect(acknowledged.length).toBeGreaterThan(2);
  });
});

describe("a second process on a data directory", PATIENT, () => {
  it("is refused with the first one's pid while that lives, even asleep, and let in once it is dead", async () => {
    await using place = await sqlite.place();
    await using owner = startChild("writer.ts", place);
    await owner.heard("ack");
    const locked = { code: "DATA_DIR_LOCKED", details: expect.objectContaining({ pid: String(owner.pid) }) };
    await expect(place.open()).rejects.toMatchObject(locked);
    owner.signal("SIGSTOP");
    await expect(place.open()).rejects.toMatchObject(locked);
    expect(await owner.kill()).toBe("SIGKILL");
    await using store = await place.open();
    expect((await store.actions.list({ limit: 1 })).items).toHaveLength(1);
  });
});
