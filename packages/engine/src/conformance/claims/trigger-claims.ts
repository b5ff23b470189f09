import assert from "node:assert/strict";
import { type Claim, has } from "../claim.ts";
import { present, refuses } from "../expectations.ts";
import { FIXTURES, manyDag } from "../fixtures.ts";
import { addressOf } from "../given.ts";
import { stays } from "../waiting.ts";

/** Runs of these DAGs stay queued, so that claims about the row itself cost no worker. */
const QUEUED = FIXTURES.paused;

export const triggerClaims: readonly Claim[] = [
  {
    title: "a run starts under the id that we chose, by hand, with an empty conf",
    async run({ engine, given }) {
      const runId = given.runId();
      const { run, created } = await engine.trigger({ dagId: FIXTURES.ok, runId, conf: {} });
      assert.equal(created, true);
      assert.equal(run.runId, runId);
      assert.equal(run.dagId, FIXTURES.ok);
      assert.equal(run.type, "manual");
      assert.deepEqual(run.conf, {});
      assert.ok(["queued", "running", "success"].includes(run.state));
      assert.equal((await engine.getRun(run)).runId, runId);
      assert.equal((await given.ended(run)).state, "success");
    },
  },
  {
    title: "repeating a trigger finds the first run and makes no second",
    async run({ engine, given }) {
      const request = { dagId: QUEUED, runId: given.runId(), conf: { a: 1, b: [1, 2] } };
      assert.equal((await engine.trigger(request)).created, true);
      const again = await engine.trigger(request);
      assert.equal(again.created, false);
      assert.equal(again.run.runId, request.runId);
      const { items } = await engine.listRuns({ dagId: QUEUED });
      assert.equal(items.filter(({ runId }) => runId === request.runId).length, 1);
    },
  },
  {
    title: "a conf with its keys in another order is the same conf",
    async run({ engine, given }) {
      const request = { dagId: QUEUED, runId: given.runId() };
      await engine.trigger({ ...request, conf: { a: { x: 1, y: 2 }, b: null } });
      assert.equal((await engine.trigger({ ...request, conf: { b: null, a: { y: 2, x: 1 } } })).created, false);
    },
  },
  {
    title: "the same id with another conf is RUN_ID_TAKEN",
    async run({ engine, given }) {
      const request = { dagId: QUEUED, runId: given.runId() };
      await engine.trigger({ ...request, conf: { a: 1 } });
      await refuses(() => engine.trigger({ ...request, conf: { a: 2 } }), "RUN_ID_TAKEN");
      await refuses(() => engine.trigger({ ...request, conf: {} }), "RUN_ID_TAKEN");
      assert.deepEqual((await engine.getRun(request)).conf, { a: 1 });
    },
  },
  {
    title: "one id may be used by several DAGs",
    async run({ engine, given }) {
      const runId = given.runId();
      assert.equal((await engine.trigger({ dagId: QUEUED, runId, conf: { n: 1 } })).created, true);
      assert.equal((await engine.trigger({ dagId: manyDag(4), runId, conf: { n: 2 } })).created, true);
      assert.deepEqual((await engine.getRun({ dagId: manyDag(4), runId })).conf, { n: 2 });
    },
  },
  {
    title: "triggers under one id at the same time make one run",
    async run({ engine, given }) {
      const request = { dagId: manyDag(5), runId: given.runId(), conf: { at: "once" } };
      const answers = await Promise.all([1, 2, 3, 4].map(() => engine.trigger(request)));
      assert.equal(answers.filter(({ created }) => created).length, 1);
      assert.equal(
        (await engine.listRuns({ dagId: manyDag(5) })).items.filter(({ runId }) => runId === request.runId).length,
        1,
      );
    },
  },
  {
    title: "a logical date is kept, and repeating it under the same id finds the run",
    needs: has("logical_dates"),
    async run({ engine, given }) {
      const request = { dagId: QUEUED, runId: given.runId(), conf: {}, logicalDate: given.logicalDate() };
      const { run } = await engine.trigger(request);
      assert.equal(Date.parse(present(run.logicalDate, "logicalDate")), Date.parse(request.logicalDate));
      assert.equal((await engine.trigger(request)).created, false);
    },
  },
  {
    title: "a date with an offset names the same moment",
    needs: has("logical_dates"),
    async run({ engine, given }) {
      const logicalDate = given.logicalDate();
      const local = `${new Date(Date.parse(logicalDate) + 7_200_000).toISOString().slice(0, -1)}+02:00`;
      const request = { dagId: QUEUED, runId: given.runId(), conf: {} };
      const { run } = await engine.trigger({ ...request, logicalDate: local });
      assert.equal(Date.parse(present(run.logicalDate, "logicalDate")), Date.parse(logicalDate));
      assert.equal((await engine.trigger({ ...request, logicalDate })).created, false);
    },
  },
  {
    title: "another id with a logical date that is taken is LOGICAL_DATE_TAKEN",
    needs: has("logical_dates"),
    async run({ engine, given }) {
      const logicalDate = given.logicalDate();
      const request = { dagId: QUEUED, conf: {}, logicalDate };
      await engine.trigger({ ...request, runId: given.runId() });
      const second = given.runId();
      await refuses(() => engine.trigger({ ...request, runId: second }), "LOGICAL_DATE_TAKEN");
      await refuses(() => engine.getRun({ dagId: QUEUED, runId: second }), "RUN_UNKNOWN");
    },
  },
  {
    title: "the same id with another logical date is RUN_ID_TAKEN",
    needs: has("logical_dates"),
    async run({ engine, given }) {
      const request = { dagId: QUEUED, runId: given.runId(), conf: {} };
      await engine.trigger({ ...request, logicalDate: given.logicalDate() });
      await refuses(() => engine.trigger({ ...request, logicalDate: given.logicalDate() }), "RUN_ID_TAKEN");
    },
  },
  {
    title: "a data interval is kept",
    needs: has("logical_dates"),
    async run({ given }) {
      const logicalDate = given.logicalDate();
      const end = new Date(Date.parse(logicalDate) + 3_600_000).toISOString();
      const run = await given.run(QUEUED, { logicalDate, interval: { start: logicalDate, end } });
      assert.equal(Date.parse(present(run.intervalStart, "intervalStart")), Date.parse(logicalDate));
      assert.equal(Date.parse(present(run.intervalEnd, "intervalEnd")), Date.parse(end));
    },
  },
  {
    title: "a run without a logical date has none",
    needs: ({ dateless }) => dateless,
    async run({ engine, given }) {
      const run = await given.run(QUEUED);
      assert.equal(run.logicalDate, null);
      assert.equal((await engine.getRun(run)).logicalDate, null);
      assert.notEqual(run.runAfter, null);
    },
  },
  {
    title: "where every run needs a logical date the engine makes one up",
    needs: ({ dateless }) => !dateless,
    async run({ given }) {
      const before = Date.parse(given.now());
      const { logicalDate } = await given.run(QUEUED);
      assert.ok(Date.parse(present(logicalDate, "logicalDate")) >= before);
    },
  },
  {
    title: "a run may be told not to start before a time",
    needs: ({ delayedStart }) => delayedStart,
    async run({ engine, given, patience }) {
      const runAfter = new Date(Date.now() + 3_600_000).toISOString();
      const run = await given.run(FIXTURES.ok, { runAfter });
      assert.equal(Date.parse(present(run.runAfter, "runAfter")), Date.parse(runAfter));
      await stays(
        "it is queued",
        () => engine.getRun(run),
        ({ state }) => state === "queued",
        { pollMs: patience.pollMs, forMs: 3_000 },
      );
      assert.equal((await engine.setRunState({ ...addressOf(run), state: "failed" })).state, "failed");
    },
  },
  {
    title: "where runs start at once, a later start is CAPABILITY_MISSING and makes no run",
    needs: ({ delayedStart }) => !delayedStart,
    async run({ engine, given }) {
      const request = { dagId: QUEUED, runId: given.runId(), conf: {}, runAfter: "2099-01-01T00:00:00Z" };
      await refuses(() => engine.trigger(request), "CAPABILITY_MISSING");
      await refuses(() => engine.getRun(request), "RUN_UNKNOWN");
    },
  },
];
