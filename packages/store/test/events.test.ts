import { describe, expect, it } from "vitest";
import type { Store } from "../src/index.ts";
import { backends, PATIENT, withStore } from "./backends.ts";

const fill = async (store: Store, count: number): Promise<void> => {
  for (let index = 0; index < count; index += 1) {
    await store.events.append({
      kind: "dag.changed",
      instance: ["eu-1", "us-1", null][index % 3] ?? null,
      payload: { index },
    });
  }
};

for (const backend of backends) {
  describe(`events on ${backend.name}`, PATIENT, () => {
    it("numbers events without a gap, however many write and number them at once", () =>
      withStore(backend, async (store) => {
        const over = new AbortController();
        const writers = Array.from({ length: 4 }, () => fill(store, 15));
        const sequencers = Array.from({ length: 2 }, async () => {
          while (!over.signal.aborted) await store.events.sequence(7);
        });
        const read: number[] = [];
        const reader = (async () => {
          while (!over.signal.aborted) {
            const events = await store.events.list({ after: read.at(-1) ?? 0, limit: 10 });
            read.push(...events.map(({ seq }) => seq));
          }
        })();
        await Promise.all(writers);
        over.abort();
        await Promise.all([...sequencers, reader]);
        while ((await store.events.sequence()) > 0);
        const rest = await store.events.list({ after: read.at(-1) ?? 0, limit: 100 });
        expect([...read, ...rest.map(({ seq }) => seq)]).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
        expect(await store.events.range()).toEqual({ first: 1, last: 60 });
      }));

    it("lists those of the instances asked for, and those of none in particular", () =>
      withStore(backend, async (store) => {
        await fill(store, 9);
        await store.events.sequence();
        const list = async (instances?: string[]) =>
          (await store.events.list({ after: 0, limit: 20, ...(instances === undefined ? {} : { instances }) })).length;
        expect([await list(), await list(["eu-1"]), await list(["eu-1", "us-1"]), await list([])]).toEqual([
          9, 6, 9, 3,
        ]);
        expect(await store.events.list({ after: 8, limit: 20 })).toMatchObject([{ seq: 9, payload: { index: 8 } }]);
      }));

    it("drops old events and those beyond the number kept, in batches, and remembers how far it was", () =>
      withStore(backend, async (store, place) => {
        expect(await store.events.range()).toEqual({ first: 0, last: 0 });
        await fill(store, 10);
        await place.passTime(20);
        const before =
          (await store.events.sequence()) === 10 ? (await store.events.list({ after: 9, limit: 1 }))[0].at + 1 : 0;
        await fill(store, 10);
        await store.events.sequence();
        expect(await store.events.sweep({ before, keep: 100, batch: 6 })).toBe(6);
        expect(await store.events.sweep({ before, keep: 100, batch: 6 })).toBe(4);
        expect(await store.events.sweep({ before, keep: 100 })).toBe(0);
        expect(await store.events.range()).toEqual({ first: 11, last: 20 });
        expect(await store.events.sweep({ before: 0, keep: 0 })).toBe(10);
        expect(await store.events.range()).toEqual({ first: 21, last: 20 });
        await fill(store, 1);
        await store.events.sequence();
        expect(await store.events.range()).toEqual({ first: 21, last: 21 });
      }));
  });
}
