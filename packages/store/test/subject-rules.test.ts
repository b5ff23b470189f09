import { describe, expect, test } from "vitest";
import { backends, PATIENT, withStore } from "./backends.ts";

const tally = (given: object = {}) => ({
  matchedRuns: 1,
  subjects: 2,
  failures: 0,
  lastMatchedAt: 10,
  lastError: null,
  lastErrorAt: null,
  ...given,
});

describe.each(backends)("subject rules in $name", PATIENT, (backend) => {
  test("tallies of several servers add up, and the newest error stays", () =>
    withStore(backend, async ({ ruleTallies }) => {
      await ruleTallies.add(new Map([["a", tally({ lastError: "no\u0000", lastErrorAt: 5, failures: 1 })]]));
      await ruleTallies.add(
        new Map([
          ["a", tally({ lastMatchedAt: 20 })],
          ["b", tally()],
        ]),
      );
      await ruleTallies.add(new Map());
      const tallies = await ruleTallies.list();
      expect(tallies.get("a")).toEqual({
        matchedRuns: 2,
        subjects: 4,
        failures: 1,
        lastMatchedAt: 20,
        lastError: "no\uFFFD",
        lastErrorAt: 5,
      });
      await ruleTallies.forget("a");
      expect([...(await ruleTallies.list()).keys()]).toEqual(["b"]);
    }));

  test("an application goes on from where it was, and a page is counted once", () =>
    withStore(backend, async ({ ruleApplications }) => {
      const made = await ruleApplications.create({
        actor: "local",
        rules: [{ id: "a", body: { dags: ["*"] } }],
        instances: ["eu-1"],
      });
      expect(made).toMatchObject({ state: "pending", position: null, examinedRuns: 0, instances: ["eu-1"] });
      const page = { id: made.id, examinedRuns: 10, matchedRuns: 4, addedSubjects: 3, failures: 1, lastError: "x" };
      expect(await ruleApplications.advance({ ...page, from: null, next: "c1" })).toBe(true);
      // The same page once more, as after a crash between the work and the note of it by somebody else.
      expect(await ruleApplications.advance({ ...page, from: null, next: "c1" })).toBe(false);
      expect(await ruleApplications.next()).toMatchObject({ id: made.id, state: "running", position: "c1" });
      expect(await ruleApplications.advance({ ...page, from: "c1", next: null, lastError: null })).toBe(true);
      expect(await ruleApplications.find(made.id)).toMatchObject({
        state: "done",
        examinedRuns: 20,
        matchedRuns: 8,
        addedSubjects: 6,
        failures: 2,
        lastError: "x",
      });
      expect(await ruleApplications.next()).toBeUndefined();
      expect(await ruleApplications.cancel(made.id)).toBe(false);
    }));

  test("the oldest comes first, one that is called off is not gone on with, and old ones are forgotten", () =>
    withStore(backend, async ({ ruleApplications }, place) => {
      const create = () => ruleApplications.create({ actor: "local", rules: [], instances: null });
      const first = await create();
      await place.passTime(2);
      const second = await create();
      expect((await ruleApplications.next())?.id).toBe(first.id);
      expect(await ruleApplications.cancel(first.id)).toBe(true);
      expect((await ruleApplications.next())?.id).toBe(second.id);
      expect((await ruleApplications.list(10)).map(({ id }) => id)).toEqual([second.id, first.id]);
      expect(await ruleApplications.sweep(Number.MAX_SAFE_INTEGER)).toBe(1);
      expect((await ruleApplications.list(10)).map(({ id }) => id)).toEqual([second.id]);
    }));
});
