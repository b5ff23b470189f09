import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { backends, type Place } from "../backends.ts";
import { pauseOf } from "../samples.ts";
import { soakCount } from "../soak-count.ts";
import { startChild } from "./child.ts";

const PATIENT = { timeout: 120_000 + soakCount(100) * 6_000 };
const KILLS = soakCount(100);

const acknowledged = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => line.startsWith("ack ")).map((line) => line.slice(4));

const idsOf = (rows: readonly Readonly<Record<string, unknown>>[]): readonly string[] =>
  rows.map(({ id }) => String(id)).toSorted();

/** Every acknowledged action with its audit row and event, and an unbroken trail. */
const checkNothingLost = async (place: Place, ids: readonly string[]): Promise<void> => {
  await using store = await place.open();
  while ((await store.audit.sequence()) > 0);
  while ((await store.events.sequence()) > 0);
  const actions = idsOf(await place.sql("select id from actions where state = 'pending'"));
  const kept = new Set(actions);
  expect(ids.filter((id) => !kept.has(id))).toEqual([]);
  expect(idsOf(await place.sql("select action_id as id from audit"))).toEqual(actions);
  expect(await store.events.range()).toEqual({ first: 1, last: actions.length });
  expect(await store.audit.verify()).toMatchObject({ ok: true, rows: actions.length });
};

for (const backend of backends) {
  describe(`kill -9 on ${backend.name}`, PATIENT, () => {
    it(`loses nothing acknowledged, at ${KILLS} random instants`, async () => {
      await using place = await backend.freshPlace();
      const ids: string[] = [];
      let kills = 0;
      for (let round = 0; round < KILLS; round += 1) {
        await using child = startChild("writer.ts", place);
        await child.heard("ack");
        await pause(Math.random() * 200);
        expect(await child.kill()).toBe("SIGKILL");
        kills += 1;
        ids.push(...acknowledged(child.lines));
      }
      expect(kills).toBe(KILLS);
      expect(ids.length).toBeGreaterThanOrEqual(KILLS);
      await checkNothingLost(place, ids);
    });
  });
}

describe("kill -9 of workers on postgres", PATIENT, () => {
  it("leaves no action behind and finishes none twice, with a worker killed every quarter of a second", async () => {
    const ACTIONS = 150;
    await using place = await backends.find(({ name }) => name === "postgres")!.freshPlace();
    await using store = await place.open();
    for (let index = 0; index < ACTIONS; index += 1) await store.actions.record(pauseOf(`dag_${index}`));
    const workers = Array.from({ length: 3 }, () => startChild("worker.ts", place, "400"));
    await Promise.all(workers.map((worker) => worker.heard("ready")));
    let kills = 0;
    const left = async () => (await store.actions.list({ limit: 1, states: ["pending"] })).items.length;
    for (; (await left()) > 0 || kills < 3; kills += 1) {
      await pause(250);
      const turn = kills % workers.length;
      expect(await workers[turn]?.kill()).toBe("SIGKILL");
      const heir = startChild("worker.ts", place, "400");
      workers[turn] = heir;
      await heir.heard("ready");
    }
    for (const worker of workers) await worker.kill();
    expect(kills).toBeGreaterThanOrEqual(3);
    const ends = await place.sql(
      "select action_id, count(*) as times from audit_pending where outcome = 'done' group by action_id",
    );
    expect(ends).toHaveLength(ACTIONS);
    expect(ends.filter(({ times }) => Number(times) !== 1)).toEqual([]);
  });
});
