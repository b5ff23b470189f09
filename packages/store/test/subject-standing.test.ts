import { isTerminalRunState, RUN_STATES, type RunObservation, type RunState, toDagId } from "@airfleet/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Store, StoredRun } from "../src/index.ts";
import { backends, PATIENT, withStore } from "./backends.ts";
import { hour, keyOf, readOf, runOf, START, subjectOf } from "./run-samples.ts";
import { EU } from "./samples.ts";

const RUNS = 6;
const SUBJECTS = ["a", "b", "c"];

type Step =
  | { readonly kind: "read"; readonly run: number; readonly state: RunState; readonly attempt: number }
  | { readonly kind: "heard"; readonly run: number; readonly state: RunState }
  | { readonly kind: "gone"; readonly run: number }
  | { readonly kind: "remove"; readonly runs: readonly number[] }
  | { readonly kind: "link" | "unlink"; readonly run: number; readonly subject: string }
  | { readonly kind: "forget"; readonly subject: string };

const run = fc.nat(RUNS - 1);
const state = fc.constantFrom(...RUN_STATES.filter((word) => word !== "lost" && word !== "cancelled"));
const subject = fc.constantFrom(...SUBJECTS);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("read" as const), run, state, attempt: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("heard" as const), run, state }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("gone" as const), run }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("remove" as const), runs: fc.uniqueArray(run, { minLength: 1 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("link" as const, "unlink" as const), run, subject }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("forget" as const), subject }) },
);

/** Two runs are due at once, and the subjects of a run follow from its number. */
const sampleOf = (index: number, word: RunState, attempt: number) =>
  runOf(`r-${index}`, word, Math.floor(index / 2), {
    dagId: toDagId(index % 3 === 0 ? "orders" : "billing"),
    ...(word === "queued" ? {} : { startedAt: hour(index + attempt * 10) }),
    ...(word === "queued" || word === "running" ? {} : { endedAt: hour(index + attempt * 10 + 0.5) }),
  });

const addressOf = (index: number) => {
  const { dagId, runId } = sampleOf(index, "queued", 0);
  return { dagId, runId };
};

const subjectsByRule = ({ runId }: { readonly runId: string }) => {
  const index = Number(runId.slice(2));
  return SUBJECTS.filter((_, place) => (index + place) % 2 === 0).map((id) => subjectOf(id));
};

const play = async (store: Store, steps: readonly Step[][]): Promise<void> => {
  let at = START;
  for (const batch of steps) {
    const observations: RunObservation[] = [];
    const flush = async () => {
      await store.runs.observe({ instance: EU, observations: observations.splice(0), subjectsOf: subjectsByRule });
    };
    for (const one of batch) {
      at += 1;
      if (one.kind === "read") observations.push(readOf(sampleOf(one.run, one.state, one.attempt), at));
      else if (one.kind === "heard") {
        observations.push({ kind: "heard", source: "report", at, state: one.state, ...addressOf(one.run) });
      } else if (one.kind === "gone") observations.push({ kind: "gone", source: "poll", at, ...addressOf(one.run) });
      else {
        await flush();
        if (one.kind === "remove")
          await store.runs.remove(
            one.runs.map((index) => keyOf(addressOf(index))),
            "test",
          );
        else if (one.kind === "link") await store.runs.addSubjects(keyOf(addressOf(one.run)), [subjectOf(one.subject)]);
        else if (one.kind === "unlink")
          await store.runs.removeSubject(keyOf(addressOf(one.run)), subjectOf(one.subject));
        else await store.subjects.remove(subjectOf(one.subject));
      }
    }
    await flush();
  }
};

const isActive = (word: RunState) => !isTerminalRunState(word);

/** What a subject's page must say, from all of its runs, newest due first. */
const standingOf = (runs: readonly StoredRun[]) => {
  const first = (wanted: (word: RunState) => boolean) => runs.find(({ record }) => wanted(record.state))?.key ?? null;
  const count = (wanted: (word: RunState) => boolean) => runs.filter(({ record }) => wanted(record.state)).length;
  const shown = runs.find(({ record }) => isActive(record.state)) ?? runs[0];
  return {
    state: shown?.record.state ?? "none",
    lastSuccess: first((word) => word === "success"),
    currentRun: first(isActive),
    lastFailure: first((word) => word === "failed"),
    newestRun: runs[0]?.key ?? null,
    counts: {
      total: runs.length,
      success: count((word) => word === "success"),
      failed: count((word) => word === "failed"),
      active: count(isActive),
    },
  };
};

const openFailures = (runs: readonly StoredRun[]) =>
  runs
    .filter(
      ({ record, dueAt }) =>
        record.state === "failed" &&
        !runs.some(
          (other) => other.record.dagId === record.dagId && other.record.state === "success" && other.dueAt > dueAt,
        ),
    )
    .map(({ key }) => key);

const check = async (store: Store): Promise<void> => {
  const all = (await store.runs.list({ limit: 100 })).items;
  for (const id of SUBJECTS) {
    const own = all.filter(({ subjects }) => subjects.some((ref) => ref.id === id));
    const stored = await store.subjects.find(subjectOf(id));
    if (stored === undefined) {
      expect(own).toEqual([]);
      continue;
    }
    const { lastSuccess, currentRun, lastFailure, newestRun, counts } = stored;
    const keys = { lastSuccess, currentRun, lastFailure, newestRun };
    expect({
      state: stored.state,
      ...Object.fromEntries(Object.entries(keys).map(([name, one]) => [name, one?.key ?? null])),
      counts,
    }).toEqual(standingOf(own));
    expect((await store.subjects.runs(subjectOf(id), { limit: 100 })).items).toEqual(own);
    expect(await store.subjects.find(subjectOf(id), [EU])).toEqual(
      own.length === 0 ? undefined : { ...stored, pendingTriggers: [] },
    );
  }
  for (const one of all) expect(one.subjectsTotal).toBe(one.subjects.length);
  const failures = await store.runs.list({ limit: 100, failedWithoutLaterSuccess: true });
  expect(failures.items.map(({ key }) => key)).toEqual(openFailures(all));
};

for (const backend of backends) {
  describe(`what is said of subjects on ${backend.name}`, PATIENT, () => {
    it("is what their runs say, whatever happened to them", async () => {
      const batches = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 10 });
      await fc.assert(
        fc.asyncProperty(batches, (steps) =>
          withStore(backend, async (store) => {
            await play(store, steps);
            await check(store);
          }),
        ),
        { numRuns: backend.name === "sqlite" ? 150 : 40 },
      );
    });
  });
}
