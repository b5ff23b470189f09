import { checkNewRunId } from "@airfleet/model";
import { assert, integer, property, string, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseRunId, runIdOfKey } from "../src/actions/run-id.ts";
import { bePatient } from "./patience.ts";

bePatient();

const context = { actorId: "local", now: Date.UTC(2026, 10, 20, 3), random: new Uint8Array(6) };

describe("run ids", () => {
  it("keeps a caller's own id, and refuses one that an engine would refuse", () => {
    expect(chooseRunId({ runId: "mine" }, context)).toBe("mine");
    expect(() => chooseRunId({ runId: "a/b" }, context)).toThrow("cannot be used");
  });

  it("says when a run was asked for that has neither id nor key", () => {
    expect(chooseRunId({}, context)).toBe("airfleet__2026-11-20T03:00:00.000Z_aaaaaaaaaa");
  });

  it("makes ids that every engine accepts, out of any key and any caller", () => {
    assert(
      property(string({ unit: "binary" }), string({ unit: "binary" }), (actor, key) => {
        const id = runIdOfKey(actor, key);
        expect(checkNewRunId(id)).toBe(id);
      }),
    );
    assert(
      property(integer({ min: 0, max: 8e12 }), uint8Array({ minLength: 6, maxLength: 6 }), (now, random) => {
        const id = chooseRunId({}, { actorId: "local", now, random });
        expect(checkNewRunId(id)).toBe(id);
      }),
    );
  });

  it("gives one key one id for ever, and does not show the key", () => {
    const id = runIdOfKey("token:nightly", "order-4711");
    expect(id).toBe("airfleet__c65o2fzllkwfkfwvsfl5sgkginsymnusjlqg6ccp5xcji4npul7a");
    expect(id).toMatch(/^airfleet__[a-z2-7]{52}$/);
    expect(id).not.toContain("4711");
    expect(runIdOfKey("token:nightly", "order-4711")).toBe(id);
  });

  it("keeps callers and keys apart, however they are cut", () => {
    assert(
      property(string(), string(), string(), (actor, middle, key) => {
        if (middle === "") return;
        expect(runIdOfKey(actor + middle, key)).not.toBe(runIdOfKey(actor, middle + key));
      }),
    );
  });
});
