import type { RunKey } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import type { RetentionQuery, Store } from "../src/index.ts";
import { backends, type Place, PATIENT } from "./backends.ts";
import { hour, keyOf, readOf, runOf, START, subjectOf } from "./run-samples.ts";
import { EU } from "./samples.ts";

const QUERY: RetentionQuery = {
  policies: [{ id: "p", rule: { keep: "latest_success_and_newest" } }],
  now: START,
  batch: 10,
};

const OLD = runOf("old", "success", 1);
const NEW = runOf("new", "success", 2);
const CLEARED = runOf("new", "queued", 2, { queuedAt: hour(5) });

const about = (subjects: number) => Array.from({ length: subjects }, (_, index) => subjectOf(`${index}`));

/** Two servers on one database; a SQLite file has one. */
const withTwo = async (place: Place, work: (mine: Store, theirs: Store) => Promise<void>): Promise<void> => {
  await using mine = await place.open();
  if (place.backend === "sqlite") {
    await work(mine, mine);
    return;
  }
  await using theirs = await place.open();
  await work(mine, theirs);
};

const judged = async (store: Store): Promise<readonly RunKey[]> =>
  (await store.retention.candidates(QUERY)).items.map(({ key }) => key);

const auditOf = (removed: readonly RunKey[]) => [
  { actor: "system", verb: "retention:sweep", outcome: "done" as const, details: { removed } },
];
const UNWRITTEN = "the audit trail cannot be written";
const failing = () => {
  throw new Error(UNWRITTEN);
};

for (const backend of backends) {
  describe(`retention beside other changes on ${backend.name}`, PATIENT, () => {
    for (const subjects of [0, 3, 60, 1_200]) {
      it(`keeps a run about ${subjects} subjects that became needed after it was judged`, async () => {
        await using place = await backend.place();
        await withTwo(place, async (mine, theirs) => {
          const subjectsOf = () => about(subjects);
          await mine.runs.observe({ instance: EU, observations: [readOf(OLD), readOf(NEW)], subjectsOf });
          const keys = await judged(mine);
          expect(keys).toEqual([keyOf(OLD)]);
          await theirs.runs.observe({ instance: EU, observations: [readOf(CLEARED, START + 10)], subjectsOf });
          expect(await mine.retention.remove(keys, QUERY, { reason: "retention" })).toEqual([]);
          expect(await mine.runs.find(keyOf(OLD))).toMatchObject({ subjectsTotal: subjects });
          const done = runOf("new", "success", 2, { queuedAt: hour(5), startedAt: hour(6), endedAt: hour(7) });
          await theirs.runs.observe({ instance: EU, observations: [readOf(done, START + 20)], subjectsOf });
          expect(await mine.retention.remove(keys, QUERY, { reason: "retention" })).toEqual(keys);
          expect(await mine.runs.find(keyOf(OLD))).toBeUndefined();
        });
      });
    }

    it("drops no run without its row in the audit trail", async () => {
      await using place = await backend.place();
      await using store = await place.open();
      await store.runs.observe({ instance: EU, observations: [readOf(OLD), readOf(NEW)] });
      const keys = await judged(store);
      const notesOf = async () => (await store.audit.list({ limit: 9, verbs: ["retention:sweep"] })).items;
      await expect(store.retention.remove(keys, QUERY, { reason: "retention", auditOf: failing })).rejects.toThrow(
        UNWRITTEN,
      );
      expect(await store.runs.find(keyOf(OLD))).toBeDefined();
      expect(await notesOf()).toEqual([]);
      expect(await store.retention.remove(keys, QUERY, { reason: "retention", auditOf })).toEqual(keys);
      expect(await notesOf()).toMatchObject([{ details: { removed: keys } }]);
    });

    it("keeps a run that was itself cleared after it was judged, and drops its neighbour", async () => {
      await using place = await backend.place();
      await withTwo(place, async (mine, theirs) => {
        const other = runOf("other", "failed", 1);
        await mine.runs.observe({ instance: EU, observations: [OLD, other, NEW].map((run) => readOf(run)) });
        const keys = await judged(mine);
        expect(new Set(keys)).toEqual(new Set([keyOf(OLD), keyOf(other)]));
        const cleared = runOf("old", "running", 1, { queuedAt: hour(5), startedAt: hour(6) });
        await theirs.runs.observe({ instance: EU, observations: [readOf(cleared, START + 10)] });
        expect(await mine.retention.remove(keys, QUERY, { reason: "retention" })).toEqual([keyOf(other)]);
      });
    });
  });
}

/** Whether somebody waits for what somebody else holds. */
const isAwaited = async (place: Place): Promise<boolean> => {
  const blocked = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  return (await place.sql(blocked)).length > 0;
};

describe("retention on two connections to postgres", PATIENT, () => {
  for (const subjects of [0, 3]) {
    it(`waits for a transaction that takes the newer success away, and keeps the run about ${subjects} subjects`, async () => {
      const backend = backends.find(({ name }) => name === "postgres");
      await using place = await backend!.place();
      const store = await place.open();
      try {
        const subjectsOf = () => about(subjects);
        await store.runs.observe({ instance: EU, observations: [readOf(OLD), readOf(NEW)], subjectsOf });
        const keys = await judged(store);
        expect(keys).toEqual([keyOf(OLD)]);
        await place.sql("begin");
        await place.sql("update runs set state = 'queued' where run_id = 'new'");
        await place.sql(
          "update subjects set (last_success_run, last_success_due) = (select id, due_at from runs where run_id = 'old')",
        );
        await place.sql("update run_dags set last_success_run = (select id from runs where run_id = 'old')");
        const removed = store.retention.remove(keys, QUERY, { reason: "retention" });
        await expect.poll(() => isAwaited(place), { timeout: 10_000 }).toBe(true);
        await place.sql("commit");
        expect(await removed).toEqual([]);
        expect(await store.runs.find(keyOf(OLD))).toBeDefined();
      } finally {
        await store.close();
      }
    });
  }
});
