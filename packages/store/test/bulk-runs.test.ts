import { type Run, SUBJECT_ID_LIMIT, toDagId, toRunId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { backends, PATIENT, withStore } from "./backends.ts";
import { hour, keyOf, readOf, runOf, START, subjectOf } from "./run-samples.ts";
import { EU } from "./samples.ts";

const BULK = 10_000;
/** On a machine that does much else; alone each step takes a tenth of it. */
const A_FEW_SECONDS_MS = 15_000;

const manySubjects = Array.from({ length: BULK }, (_, index) =>
  subjectOf(`item/${index}`, { label: `Item ${index}`, url: `https://example.com/${index}` }),
);

const ODD_IDS = [
  "ark:/13030/c8qf8r1x",
  "../../etc/passwd?x=%2F#y",
  "見出し/Ωmega 🚢",
  "x".repeat(SUBJECT_ID_LIMIT),
  `${"x".repeat(SUBJECT_ID_LIMIT - 1)}y`,
  "🚢".repeat(SUBJECT_ID_LIMIT / 2),
  "nul\u0000byte",
  "half a pair \ud83d",
  "__proto__",
  "'; drop table runs; --",
];

const task = (of: Run, taskId: string, mapIndex: number, state: string) =>
  ({ dagId: of.dagId, runId: of.runId, taskId, mapIndex, state, displayName: `${taskId}\u0000` }) as never;

for (const backend of backends) {
  describe(`bulk and odd runs on ${backend.name}`, PATIENT, () => {
    it(`ties a run to ${BULK} subjects, follows it, and drops it, each in seconds`, () =>
      withStore(backend, async (store) => {
        const running = runOf("bulk", "running", 1);
        const done = runOf("bulk", "success", 1);
        const started = performance.now();
        const [change] = await store.runs.observe({
          instance: EU,
          observations: [readOf(running, START)],
          subjectsOf: () => manySubjects,
        });
        expect(change?.run).toMatchObject({ subjectsTotal: BULK });
        expect(change?.run.subjects).toHaveLength(20);
        await store.runs.observe({ instance: EU, observations: [readOf(done, START + 10)] });
        expect(performance.now() - started).toBeLessThan(A_FEW_SECONDS_MS);
        for (const id of ["item/0", "item/4711", "item/9999"]) {
          expect(await store.subjects.find(subjectOf(id))).toMatchObject({
            state: "success",
            lastSuccess: { key: keyOf(done) },
            currentRun: null,
            counts: { total: 1, success: 1, failed: 0, active: 0 },
          });
        }
        await store.events.sequence(1_000);
        const events = await store.events.list({ after: 0, limit: 1_000 });
        expect(events.map(({ kind }) => kind)).toEqual([
          "run.changed",
          "subject.changed",
          "run.changed",
          "subject.changed",
        ]);
        expect(events[1]?.payload).toMatchObject({ run: keyOf(done), subjects_total: BULK });
        const seen = new Set<string>();
        for (let after: string | null | undefined; after !== null; ) {
          const page = await store.runs.subjects({
            key: keyOf(done),
            limit: 3_000,
            ...(after !== undefined && { after }),
          });
          for (const { id } of page.items) seen.add(id);
          after = page.next;
        }
        expect(seen.size).toBe(BULK);
        expect(await store.subjects.types()).toEqual([{ type: "aid", subjects: BULK }]);
        const dropped = performance.now();
        expect(await store.runs.remove([keyOf(done)], "test")).toBe(1);
        expect(performance.now() - dropped).toBeLessThan(2 * A_FEW_SECONDS_MS);
        expect(await store.subjects.find(subjectOf("item/4711"))).toMatchObject({
          state: "none",
          newestRun: null,
          counts: { total: 0 },
        });
      }));

    it("takes ids of subjects as they come", () =>
      withStore(backend, async (store) => {
        const refs = ODD_IDS.map((id) => subjectOf(id, { label: `label ${id.slice(0, 5)}` }));
        const run = runOf("r-1", "success", 1);
        await store.runs.observe({ instance: EU, observations: [readOf(run)], subjectsOf: () => refs });
        for (const id of ODD_IDS) {
          const subject = await store.subjects.find(subjectOf(id));
          expect(subject?.id).toBe(id.replace("\u0000", "\uFFFD").toWellFormed());
          expect(subject?.lastSuccess?.key).toBe(keyOf(run));
          const page = await store.subjects.runs({ type: "aid", id }, { limit: 5 });
          expect(page.items.map(({ key }) => key)).toEqual([keyOf(run)]);
        }
        const seen: string[] = [];
        for (let after: string | null | undefined; after !== null; ) {
          const page = await store.subjects.list({ type: "aid", limit: 3, ...(after !== undefined && { after }) });
          seen.push(...page.items.map(({ id }) => id));
          after = page.next;
        }
        expect(new Set(seen).size).toBe(ODD_IDS.length);
        expect(seen).toHaveLength(ODD_IDS.length);
        const found = await store.subjects.list({ text: "OMEGA", limit: 5 });
        expect(found.items.map(({ id }) => id)).toEqual([ODD_IDS[2]].filter((id) => id?.includes("omega")));
        expect(await store.subjects.remove(subjectOf(ODD_IDS[3]))).toBe(true);
        expect(await store.subjects.remove(subjectOf(ODD_IDS[3]))).toBe(false);
        expect(await store.subjects.find(subjectOf(ODD_IDS[4]))).toBeDefined();
        expect((await store.runs.find(keyOf(run)))?.subjectsTotal).toBe(ODD_IDS.length - 1);
      }));

    it("takes runs as engines may answer them", () =>
      withStore(backend, async (store) => {
        let deep: unknown = "end";
        for (let depth = 0; depth < 20_000; depth += 1) deep = [deep];
        const confs = [
          JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as Record<string, unknown>,
          { big: "x".repeat(1_000_000) },
          { deep },
          { "nul\u0000key": "nul\u0000value", half: "\ud83d" },
          Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`key ${index}`, index])),
        ];
        const runs = confs.map((conf, index) =>
          runOf(`scheduled__2026-11-01T00:00:00+00:00/${index}\u0000é`, "success", index, {
            dagId: toDagId("odd dag/é"),
            conf,
            note: "nul\u0000 and \ud83d",
            triggeredBy: "\u0000",
          }),
        );
        const changes = await store.runs.observe({ instance: EU, observations: runs.map((run) => readOf(run)) });
        expect(changes).toHaveLength(confs.length);
        const read = await Promise.all(runs.map(async (run) => (await store.runs.find(keyOf(run)))?.record.read?.run));
        expect(Object.keys(read[0]?.conf ?? {})).toEqual(["__proto__", "constructor"]);
        expect(read[1]?.conf).toEqual(confs[1]);
        expect(read[2]?.conf).toEqual({ airfleet: "This conf is nested too deeply to be kept." });
        expect(read[3]?.conf).toEqual(confs[3]);
        expect((await store.runs.list({ conf: { "key 19": "19" }, limit: 5 })).items).toHaveLength(1);
        expect((await store.runs.list({ conf: { "key 20": "20" }, limit: 5 })).items).toHaveLength(0);
        expect((await store.runs.list({ conf: { "nul\u0000key": "nul\u0000value" }, limit: 5 })).items).toHaveLength(1);
        expect(
          await store.runs.remove(
            runs.map((run) => keyOf(run)),
            "test",
          ),
        ).toBe(confs.length);
      }));

    it("links a run to the trigger that asked for it and to what the trigger is about", () =>
      withStore(backend, async (store, place) => {
        const run = runOf("r-1", "queued", 1);
        const { dagId, runId } = run;
        await store.subjects.describe(subjectOf("a"));
        await place.sql(
          `insert into triggers (id, request_id, position, is_keyed, action_id, instance_id, dag_id, run_id, state, actor,
           request, conf_hash, subjects, subjects_total, warnings, created_at, changed_at)
           values ('trg_1', 'trq_1', 0, 0, 'act_1', '${EU}', '${dagId}', '${runId}', 'pending', 'ada', '{}', '', '[]', 1, '[]', 1, 1)`,
        );
        await place.sql("insert into trigger_subjects select id, 'trg_1', 1 from subjects");
        await place.sql("update subjects set pending_total = 1, state = 'pending'");
        expect(await store.subjects.find(subjectOf("a"))).toMatchObject({
          state: "pending",
          pendingTriggers: ["trg_1"],
        });
        expect(await store.subjects.find(subjectOf("a"), [EU])).toMatchObject({ pendingTriggers: ["trg_1"] });
        expect(await store.subjects.find(subjectOf("a"), ["us-1"])).toBeUndefined();
        expect((await store.subjects.list({ instances: [EU], limit: 5 })).items).toHaveLength(1);
        expect((await store.subjects.list({ instances: ["us-1"], limit: 5 })).items).toEqual([]);

        // Still pending: whatever runs under its id is not of its making.
        await store.runs.observe({ instance: EU, observations: [readOf(run, START)] });
        expect(await store.runs.find(keyOf(run))).toMatchObject({ triggerId: null, subjectsTotal: 0 });
        await place.sql("update triggers set state = 'sending', conf_hash = 'asked'");
        const other = runOf("r-1", "running", 1, { conf: { foreign: true } });
        const foreign = { instance: EU, observations: [readOf(other, START + 1)], confHashOf: () => "foreign" };
        await store.runs.observe(foreign);
        expect(await store.runs.find(keyOf(run))).toMatchObject({ triggerId: null, subjectsTotal: 0 });
        const changes = await store.runs.observe({
          instance: EU,
          observations: [readOf(run, START + 2, { source: "trigger" })],
        });
        expect(changes).toMatchObject([
          { isNew: false, run: { triggerId: "trg_1", subjects: [{ type: "aid", id: "a" }] } },
        ]);
        expect(await store.subjects.find(subjectOf("a"))).toMatchObject({
          state: "queued",
          pendingTriggers: [],
          currentRun: { key: keyOf(run) },
        });
        expect((await store.runs.list({ triggerId: "trg_1", limit: 5 })).items).toHaveLength(1);
      }));

    it("lets others have their turn while it ties a run to 10,000 subjects", () =>
      withStore(backend, async (store) => {
        let turns = 0;
        let isDone = false;
        const count = (): void => {
          turns += 1;
          if (!isDone) setImmediate(count);
        };
        setImmediate(count);
        const many = Array.from({ length: 10_000 }, (_, index) => subjectOf(`${index}`));
        const run = runOf("bulk", "running", 1);
        await store.runs.observe({ instance: EU, observations: [readOf(run)], subjectsOf: () => many });
        isDone = true;
        expect(turns).toBeGreaterThan(40);
        expect(await store.runs.find(keyOf(run))).toMatchObject({ subjectsTotal: 10_000 });
      }));

    it("links a run that is found while its trigger is being sent only when it has the conf that was asked for", () =>
      withStore(backend, async (store, place) => {
        const runs = ["mine", "theirs", "unknown", "told"].map((runId) => runOf(runId, "queued", 1));
        for (const [index, { dagId, runId }] of runs.entries()) {
          await place.sql(
            `insert into triggers (id, request_id, position, is_keyed, action_id, instance_id, dag_id, run_id, state, actor,
             request, conf_hash, subjects, subjects_total, warnings, created_at, changed_at)
             values ('trg_${runId}', 'trq_1', ${index}, 0, 'act_${index}', '${EU}', '${dagId}', '${runId}', 'sending', 'ada',
             '{}', 'hash of mine', '[]', 0, '[]', 1, 1)`,
          );
        }
        const changes = await store.runs.observe({
          instance: EU,
          observations: runs.map((run) => readOf(run, START, run.runId === "told" ? { source: "trigger" } : {})),
          confHashOf: ({ runId }) => (runId === "unknown" ? null : `hash of ${runId}`),
        });
        const linked = new Map(changes.map(({ run }) => [run.record.runId, run.triggerId]));
        expect(Object.fromEntries(linked)).toEqual({
          mine: "trg_mine",
          theirs: null,
          unknown: null,
          told: "trg_told",
        });
      }));

    it("keeps the tasks of many runs as they were read last, and no older reading", () =>
      withStore(backend, async (store) => {
        const runs = Array.from({ length: 250 }, (_, index) => runOf(`r-${index}`, "running", index));
        const [run, other] = [runs[0], runs[249]];
        const shown = async (of: Run) =>
          (await store.runs.tasks(keyOf(of))).map(({ task: { taskId, mapIndex, state }, observedAt }) => [
            taskId,
            mapIndex,
            state,
            observedAt,
          ]);
        await store.runs.observe({ instance: EU, observations: runs.map((one) => readOf(one)) });
        await store.runs.putTasks(
          runs.map((one) => ({
            key: keyOf(one),
            tasks: [task(one, "b", 1, "running"), task(one, "b", 0, "success"), task(one, "a", -1, "queued")],
          })),
          10,
        );
        await store.runs.putTasks(
          [{ key: keyOf(run), tasks: [task(run, "a", -1, "success"), task(run, "b", 0, "success")] }],
          20,
        );
        await store.runs.putTasks(
          [run, other].map((one) => ({ key: keyOf(one), tasks: [task(one, "late", -1, "queued")] })),
          15,
        );
        expect(await shown(run)).toEqual([
          ["a", -1, "success", 20],
          ["b", 0, "success", 10],
        ]);
        expect(await shown(other)).toEqual([["late", -1, "queued", 15]]);
        expect(await shown(runs[120])).toHaveLength(3);
        const unknown = keyOf({ dagId: toDagId("no"), runId: toRunId("no") });
        expect(await store.runs.tasks(unknown)).toEqual([]);
        expect(await store.runs.tasksReadAt([keyOf(run), keyOf(other), unknown])).toEqual(
          new Map([
            [keyOf(run), 20],
            [keyOf(other), 15],
          ]),
        );
        await store.runs.putTasks([], 30);
      }));

    it("folds what was dropped long ago into a horizon, behind which the feed brings nothing back", () =>
      withStore(backend, async (store, place) => {
        const runs = [1, 2, 3].map((index) => runOf(`r-${index}`, "failed", index));
        await store.runs.observe({ instance: EU, observations: runs.map((run) => readOf(run)) });
        await store.runs.remove(
          runs.slice(0, 2).map((run) => keyOf(run)),
          "old",
        );
        const now = Number((await place.sql("select max(removed_at) as at from removed_runs"))[0]?.["at"]);
        expect(await store.runs.foldRemoved(now)).toBe(0);
        expect(await store.runs.foldRemoved(now + 1, 1)).toBe(1);
        expect(await store.runs.foldRemoved(now + 1)).toBe(1);
        expect(await store.runs.foldRemoved(now + 1)).toBe(0);
        const again = runs.map((run) => readOf({ ...run, note: "edited" }, START + 10));
        const changes = await store.runs.observe({ instance: EU, observations: again });
        expect(changes.map(({ run }) => run.record.runId)).toEqual(["r-3"]);
        const cleared = readOf(
          { ...runs[0], queuedAt: hour(50), startedAt: null, endedAt: null, state: "queued" },
          START + 20,
        );
        expect(await store.runs.observe({ instance: EU, observations: [cleared] })).toHaveLength(1);
      }));
  });
}
