import { describe, expect, it } from "vitest";
import { backends, PATIENT, withStore } from "./backends.ts";
import { EU, US } from "./samples.ts";

const attempt = { instance: EU, feed: "dags", durationMs: 12.4 };

for (const backend of backends) {
  describe(`freshness on ${backend.name}`, PATIENT, () => {
    it("keeps the last success beside the error of a later attempt, and drops the error with the next success", () =>
      withStore(backend, async (store) => {
        await store.readings.succeeded({ ...attempt, attemptedAt: 1_000, serverTime: 990, watermark: "w-1" });
        const error = { code: "INSTANCE_TIMEOUT", message: "no answer\u0000" } as const;
        await store.readings.failed({ ...attempt, attemptedAt: 2_000, error });
        expect(await store.readings.find(EU, "dags")).toEqual({
          instance: EU,
          feed: "dags",
          attemptedAt: 2_000,
          succeededAt: 1_000,
          durationMs: 12,
          serverTime: 990,
          watermark: "w-1",
          error: { code: "INSTANCE_TIMEOUT", message: "no answer\uFFFD", at: 2_000 },
        });
        await store.readings.succeeded({ ...attempt, attemptedAt: 3_000 });
        expect(await store.readings.find(EU, "dags")).toMatchObject({
          succeededAt: 3_000,
          serverTime: 990,
          watermark: "w-1",
          error: null,
        });
      }));

    it("has never succeeded where every attempt failed", () =>
      withStore(backend, async (store) => {
        await store.readings.failed({
          ...attempt,
          attemptedAt: 1_000,
          error: { code: "INSTANCE_UNREACHABLE", message: "x" },
        });
        await store.readings.succeeded({ ...attempt, instance: US, feed: "runs", attemptedAt: 5 });
        expect(await store.readings.find(EU, "dags")).toMatchObject({ succeededAt: null });
        expect((await store.readings.list()).map(({ instance, feed }) => [instance, feed])).toEqual([
          [EU, "dags"],
          [US, "runs"],
        ]);
        expect(await store.readings.list([US])).toHaveLength(1);
        expect(await store.readings.list([])).toEqual([]);
        expect(await store.readings.find(US, "dags")).toBeUndefined();
      }));

    it("keeps the probe and the breaker of an instance apart from each other", () =>
      withStore(backend, async (store) => {
        await store.probes.setBreaker(EU, "open", 9_000);
        expect(await store.probes.find(EU)).toEqual({
          instance: EU,
          result: null,
          observedAt: null,
          breaker: "open",
          breakerUntil: 9_000,
        });
        await store.probes.save(EU, { version: "2.11.2", generation: 2 }, 1_000);
        expect(await store.probes.find(EU)).toMatchObject({
          breaker: "open",
          result: { version: "2.11.2" },
          observedAt: 1_000,
        });
        await store.probes.setBreaker(EU, "closed");
        expect(await store.probes.list([EU, US])).toMatchObject([
          { breaker: "closed", breakerUntil: null, result: { generation: 2 } },
        ]);
      }));

    it("keeps settings as JSON", () =>
      withStore(backend, async (store) => {
        expect(await store.settings.get("x")).toBeUndefined();
        await store.settings.set("x", { list: [1, "\u0000"], nothing: null });
        await store.settings.set("x", { list: [2, "\u0000"] });
        await store.settings.set("a", false);
        expect(await store.settings.get("x")).toEqual({ list: [2, "\u0000"] });
        expect((await store.settings.list()).map(({ key, value }) => [key, value])).toEqual([
          ["a", false],
          ["x", { list: [2, "\u0000"] }],
        ]);
        await store.settings.remove("x");
        expect(await store.settings.list()).toHaveLength(1);
      }));
  });
}
