import assert from "node:assert/strict";
import { toRunId } from "@airfleet/model";
import { type Claim, has } from "../claim.ts";
import { refuses } from "../expectations.ts";
import { FIXTURES, manyDag } from "../fixtures.ts";
import { taskOf } from "../given.ts";

const QUEUED = FIXTURES.paused;

/** What a run is given along: conf, note, id and date. */
export const triggerInputClaims: readonly Claim[] = [
  {
    title: "a conf comes back as it was sent: nested, unicode, numbers, empty parts",
    async run({ engine, given }) {
      const conf = {
        text: 'Grüße, 東京, 🚀, "quotes" \\ back\nline',
        nested: { deep: [{ er: [1, -2.5, true, null, ""] }, [], {}] },
        "a key/with strange %2F characters": 9_007_199_254_740_991,
        __proto__like: { constructor: "x" },
      };
      const run = await given.run(QUEUED, { conf });
      assert.deepEqual(run.conf, conf);
      assert.deepEqual((await engine.getRun(run)).conf, conf);
    },
  },
  {
    title: "a conf of 200 kB comes back whole",
    async run({ engine, given }) {
      const conf = { rows: Array.from({ length: 2_000 }, (_, index) => ({ index, text: "ä".repeat(80) })) };
      const run = await given.run(manyDag(6), { conf });
      assert.deepEqual((await engine.getRun(run)).conf, conf);
    },
  },
  {
    title: "a conf reaches the task",
    async run({ engine, given }) {
      const run = await given.ended(await given.run(FIXTURES.params, { conf: { n: 7, city: "Zürich" } }));
      assert.equal(run.state, "success");
      assert.deepEqual(run.conf, { n: 7, city: "Zürich" });
      const lines: string[] = [];
      for await (const { text } of engine.readLog({ ...taskOf(run, "print_conf"), tryNumber: 1 })) lines.push(text);
      assert.ok(
        lines.some((line) => line.includes("Zürich")),
        lines.join("\n"),
      );
    },
  },
  {
    title: "params that are not given are not added to the conf",
    async run({ given }) {
      assert.deepEqual((await given.run(FIXTURES.params)).conf, {});
    },
  },
  {
    title: "a conf that does not fit the params is CONF_INVALID and makes no run",
    needs: has("conf_ranges"),
    async run({ engine, given }) {
      for (const n of ["seven", 1_001, -1]) {
        const request = { dagId: FIXTURES.params, runId: given.runId(), conf: { n } };
        const error = await refuses(() => engine.trigger(request), "CONF_INVALID");
        assert.match(error.message, /n/);
        await refuses(() => engine.getRun(request), "RUN_UNKNOWN");
      }
    },
  },
  {
    title: "a note is kept",
    async run({ engine, given }) {
      const note = 'Asked for by José: "öffnen"';
      const run = await given.run(QUEUED, { note });
      assert.equal((await engine.getRun(run)).note, note);
      assert.equal((await engine.getRun(await given.run(QUEUED))).note, null);
    },
  },
  {
    title: "run ids that no engine takes are RUN_ID_INVALID, whatever the DAG",
    async run({ engine }) {
      const bad = [
        "",
        "a b",
        "a/b",
        "a%2Fb",
        "a?b",
        "a#b",
        "ü",
        "a'b",
        "a\nb",
        "a..b",
        "x".repeat(251),
        "scheduled__x",
        "backfill__x",
        "asset_triggered__x",
        "dataset_triggered__x",
      ];
      for (const id of bad)
        await refuses(() => engine.trigger({ dagId: QUEUED, runId: toRunId(id), conf: {} }), "RUN_ID_INVALID");
    },
  },
  {
    title: "a run id of 250 characters is taken",
    async run({ engine, given }) {
      const runId = toRunId(given.runId().padEnd(250, "x"));
      await engine.trigger({ dagId: QUEUED, runId, conf: {} });
      assert.equal((await engine.getRun({ dagId: QUEUED, runId })).runId, runId);
    },
  },
  {
    title: "a run id with + : ~ . and - is found again by every read and write",
    async run({ engine, given }) {
      const runId = toRunId(`${given.runId()}+00:00~a.b-c`);
      const run = { dagId: FIXTURES.ok, runId };
      await engine.trigger({ ...run, conf: {} });
      assert.equal((await given.ended(run)).state, "success");
      assert.equal((await engine.listTaskInstances({ runs: [run] })).length, 1);
      assert.equal((await engine.getTaskInstance(taskOf(run, "a"))).runId, runId);
      for await (const line of engine.readLog({ ...taskOf(run, "a"), tryNumber: 1 }))
        assert.equal(typeof line.text, "string");
      assert.equal((await engine.clear({ ...run, onlyFailed: false, dryRun: true })).tasks.length, 1);
      await engine.deleteRun(run);
      await refuses(() => engine.getRun(run), "RUN_UNKNOWN");
    },
  },
  {
    title: "a date without a time zone, or none at all, is LOGICAL_DATE_INVALID",
    async run({ engine, given }) {
      for (const logicalDate of ["2026-01-01T00:00:00", "2026-01-01", "yesterday", ""]) {
        await refuses(
          () => engine.trigger({ dagId: QUEUED, runId: given.runId(), conf: {}, logicalDate }),
          "LOGICAL_DATE_INVALID",
        );
      }
    },
  },
];
