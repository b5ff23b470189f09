import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { backends, PATIENT, withStore } from "./backends.ts";

describe("node:sqlite driver", PATIENT, () => {
  it("lets timers and sockets have their turn within a long loop over statements", () =>
    withStore(backends[0], async (store) => {
      const threeTurns = new AbortController();
      const counting = (async () => {
        for (let turns = 0; turns < 3; turns += 1) await nextTurn();
        threeTurns.abort();
      })();
      for (let index = 0; !threeTurns.signal.aborted && index < 100_000; index += 1)
        await store.settings.set("x", index);
      expect(threeTurns.signal.aborted).toBe(true);
      await counting;
    }));
});
