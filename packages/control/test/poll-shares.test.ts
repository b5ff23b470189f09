import { array, assert, integer, property, uniqueArray, uuid } from "fast-check";
import { toInstanceId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { bucketOf, preferredMember } from "../src/poll/poll-shares.ts";
import { bePatient } from "./patience.ts";

bePatient();

const buckets = Array.from({ length: 16 }, (_, index) => index);

describe("sharing the work of polling", () => {
  it("gives every bucket to one live process, and the same one whoever computes it", () => {
    assert(
      property(uniqueArray(uuid(), { minLength: 1, maxLength: 5 }), (members) => {
        for (const bucket of buckets) {
          const owner = preferredMember(bucket, members);
          expect(members).toContain(owner);
          expect(preferredMember(bucket, members.toReversed())).toBe(owner);
        }
      }),
    );
  });

  it("moves only the buckets of the process that went", () => {
    assert(
      property(uniqueArray(uuid(), { minLength: 2, maxLength: 5 }), integer({ min: 0, max: 4 }), (members, index) => {
        const gone = members[index % members.length];
        const left = members.filter((member) => member !== gone);
        for (const bucket of buckets) {
          const before = preferredMember(bucket, members);
          const after = preferredMember(bucket, left);
          expect(after === before).toBe(before !== gone);
        }
      }),
    );
  });

  it("gives nothing to nobody", () => {
    expect(preferredMember(0, [])).toBeUndefined();
  });

  it("puts each instance into one of the buckets", () => {
    assert(
      property(array(uuid(), { minLength: 1 }), (ids) => {
        for (const id of ids) expect(buckets).toContain(bucketOf(toInstanceId(id)));
      }),
    );
  });
});
