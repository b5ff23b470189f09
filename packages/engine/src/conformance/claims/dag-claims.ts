import assert from "node:assert/strict";
import { type DagId, toDagId, type TaskId } from "@airfleet/model";
import { type Claim, has } from "../claim.ts";
import { present, refuses } from "../expectations.ts";
import { BROKEN_FILE, FIXTURES } from "../fixtures.ts";
import { eventually } from "../waiting.ts";

/** Ids that would change the path of a request, were they put there as they are. */
const HOSTILE_IDS = [
  "../dags/af_ok",
  "..%2Fdags%2Faf_ok",
  "af_ok/../af_ok",
  "af_ok/dagRuns",
  "af_ok?x=1",
  "af_ok#",
  "%61f_ok",
  "~",
  "..",
  " af_ok",
  "ü",
];

export const dagClaims: readonly Claim[] = [
  {
    title: "a DAG has its description, tags, owners, flags and file",
    needs: has("dag_files"),
    async run({ engine }) {
      const dag = await engine.getDag(FIXTURES.ok);
      assert.equal(dag.dagId, FIXTURES.ok);
      assert.equal(dag.displayName, FIXTURES.ok);
      assert.equal(dag.description, "One quick task that succeeds");
      assert.deepEqual(dag.owners, ["airfleet"]);
      assert.equal(dag.isPaused, false);
      assert.equal(dag.isStale, false);
      assert.equal(dag.hasImportErrors, false);
      assert.equal(dag.schedule, null);
      assert.equal(dag.nextRun, null);
      assert.match(present(dag.file, "file"), /(^|\/)af_basics\.py$/);
      assert.ok(Date.parse(present(dag.lastParsedAt, "lastParsedAt")) > Date.UTC(2024, 0, 1));
    },
  },
  {
    title: "a scheduled DAG tells its cron text and its next run",
    async run({ engine, capabilities }) {
      const dag = await engine.getDag(FIXTURES.scheduled);
      assert.equal(dag.schedule, "*/5 * * * *");
      if (has("dag_dates")(capabilities)) assert.equal(dag.maxActiveRuns, 1);
      assert.equal(dag.isPaused, true);
      const next = present(dag.nextRun, "nextRun");
      assert.equal(Date.parse(present(next.runAfter, "runAfter")) % 300_000, 0);
    },
  },
  {
    title: "dots and dashes in ids of DAGs and tasks are nothing special",
    needs: has("free_ids"),
    async run({ engine, given }) {
      assert.equal((await engine.getDag(FIXTURES.oddId)).dagId, FIXTURES.oddId);
      const run = await given.shared(FIXTURES.oddId);
      assert.equal(run.state, "success");
      const tasks = await engine.listTaskInstances({ runs: [run] });
      assert.deepEqual(
        tasks.map(({ taskId }) => taskId),
        ["task.with-odd_chars"],
      );
    },
  },
  {
    title: "a DAG that is not there is DAG_UNKNOWN to every read and write about it",
    async run({ engine, given, capabilities }) {
      const dagId = given.dagId();
      const error = await refuses(() => engine.getDag(dagId), "DAG_UNKNOWN");
      assert.ok(error.message.includes(dagId) && error.message.includes(engine.instance), error.message);
      await refuses(() => engine.getDagDetail(dagId), "DAG_UNKNOWN");
      await refuses(() => engine.getDagGraph(dagId), "DAG_UNKNOWN");
      await refuses(() => engine.getDagSource(dagId), "DAG_UNKNOWN");
      await refuses(() => engine.listRuns({ dagId }), "DAG_UNKNOWN");
      await refuses(() => engine.setPaused(dagId, true), "DAG_UNKNOWN");
      await refuses(() => engine.trigger({ dagId, runId: given.runId(), conf: {} }), "DAG_UNKNOWN");
      if (capabilities.versions) await refuses(() => engine.listDagVersions(dagId), "DAG_UNKNOWN");
      if (capabilities.reparse) await refuses(() => engine.requestReparse(dagId), "DAG_UNKNOWN");
    },
  },
  {
    title: "an id with slashes, dots, marks or percent signs never reaches another DAG or path",
    async run({ engine }) {
      for (const id of HOSTILE_IDS) {
        await refuses(() => engine.getDag(toDagId(id)), "DAG_UNKNOWN", "ADDRESS_INVALID");
        await refuses(() => engine.getDagDetail(toDagId(id)), "DAG_UNKNOWN", "ADDRESS_INVALID");
      }
      for (const id of HOSTILE_IDS)
        await refuses(() => engine.setPaused(toDagId(id), true), "DAG_UNKNOWN", "ADDRESS_INVALID");
      assert.equal((await engine.getDag(FIXTURES.ok)).isPaused, false);
    },
  },
  {
    title: "the detail has doc_md, owners, time zone, start date and catchup",
    needs: has("dag_dates"),
    async run({ engine }) {
      const detail = await engine.getDagDetail(FIXTURES.ok);
      assert.ok(present(detail.docMd, "docMd").includes("airfleet-hash: 3d1f0c9a5be84b7f"));
      assert.deepEqual(detail.owners, ["airfleet"]);
      assert.equal(detail.timezone, "UTC");
      assert.equal(detail.catchup, false);
      assert.equal(Date.parse(present(detail.startDate, "startDate")), Date.UTC(2024, 0, 1));
      assert.equal(detail.endDate, null);
      assert.deepEqual(detail.params, {});
    },
  },
  {
    title: "the detail has the default values of params",
    needs: has("conf_ranges"),
    async run({ engine }) {
      assert.deepEqual((await engine.getDagDetail(FIXTURES.params)).params, { n: 1 });
    },
  },
  {
    title: "the graph has every task with the tasks after it",
    async run({ engine }) {
      const edges = async (dagId: DagId) =>
        Object.fromEntries(
          (await engine.getDagGraph(dagId)).map(({ taskId, downstream }) => [taskId, [...downstream].sort()]),
        );
      const none: TaskId[] = [];
      assert.deepEqual(await edges(FIXTURES.chain), { a: ["group.b"], "group.b": ["group.c"], "group.c": none });
      assert.deepEqual(await edges(FIXTURES.branch), {
        choose: ["left", "right"],
        join: none,
        left: ["join"],
        right: ["join"],
      });
    },
  },
  {
    title: "the graph has operators, trigger rules, retries and what is mapped",
    needs: has("trigger_rules"),
    async run({ engine }) {
      const branch = await engine.getDagGraph(FIXTURES.branch);
      const join = present(
        branch.find(({ taskId }) => taskId === "join"),
        "join",
      );
      assert.equal(join.triggerRule, "none_failed_min_one_success");
      assert.equal(join.operator, "EmptyOperator");
      assert.equal(join.isMapped, false);
      assert.equal((await engine.getDagGraph(FIXTURES.mapped))[0]?.isMapped, true);
      assert.equal((await engine.getDagGraph(FIXTURES.retries))[0]?.retries, 2);
    },
  },
  {
    title: "the source is the text of the DAG's file",
    needs: has("dag_files"),
    async run({ engine }) {
      const source = await engine.getDagSource(FIXTURES.chain);
      assert.ok(
        source.includes('dag_id="af_chain"') && source.includes('TaskGroup(group_id="group"'),
        source.slice(0, 200),
      );
      assert.ok((await engine.getDagSource(FIXTURES.logs)).includes("unicode: Grüße, 東京, 🚀"));
    },
  },
  {
    title: "a file that does not parse is listed with its stack trace",
    async run({ engine }) {
      const errors = await engine.listImportErrors();
      const broken = present(
        errors.find(({ file }) => file.endsWith(BROKEN_FILE)),
        BROKEN_FILE,
      );
      assert.ok(broken.stackTrace.includes("a_module_that_does_not_exist"), broken.stackTrace);
      assert.notEqual(broken.id, "");
    },
  },
  {
    title: "versions are listed, newest first",
    needs: ({ versions }) => versions,
    async run({ engine, given }) {
      await given.shared(FIXTURES.ok);
      const versions = await engine.listDagVersions(FIXTURES.ok);
      const numbers = versions.map(({ number }) => number);
      assert.ok(numbers.length >= 1);
      assert.deepEqual(
        numbers,
        numbers.toSorted((left, right) => right - left),
      );
      assert.equal((await engine.getDagDetail(FIXTURES.ok)).versionNumber, numbers[0]);
    },
  },
  {
    title: "where no versions are kept, asking for them is CAPABILITY_MISSING",
    needs: ({ versions }) => !versions,
    async run({ engine }) {
      await refuses(() => engine.listDagVersions(FIXTURES.ok), "CAPABILITY_MISSING");
      assert.equal((await engine.getDagDetail(FIXTURES.ok)).versionNumber, null);
    },
  },
  {
    title: "a reparse is accepted, also twice, and the file is parsed",
    needs: ({ reparse }) => reparse,
    async run({ engine, patience }) {
      const before = (await engine.getDag(FIXTURES.bigLog)).lastParsedAt;
      await engine.requestReparse(FIXTURES.bigLog);
      await engine.requestReparse(FIXTURES.bigLog);
      await eventually(
        "the file is parsed again",
        () => engine.getDag(FIXTURES.bigLog),
        ({ lastParsedAt }) => lastParsedAt !== before,
        patience,
      );
    },
  },
];
