import assert from "node:assert/strict";
import { z } from "zod";
import type { Claim } from "../claim.ts";
import type { ClaimContext } from "../context.ts";
import { present } from "../expectations.ts";
import { FIXTURES, manyDag } from "../fixtures.ts";
import { taskOf } from "../given.ts";
import type { NativeRead } from "../../native-read.ts";

const Body = z.record(z.string(), z.unknown());
const Rows = z.array(Body);

const read = async ({ engine }: ClaimContext, request: NativeRead): Promise<z.infer<typeof Body>> => {
  const { json } = present(await engine.readNative?.(request), "readNative");
  return Body.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json)));
};

/** Airflow 2's names must be there, whatever the generation. */
const has = (body: z.infer<typeof Body>, ...keys: readonly string[]): void => {
  for (const key of keys) assert.ok(key in body, `"${key}" is missing among ${Object.keys(body).join(", ")}`);
};

/** The first seed's routes pass these bodies on; its clients read Airflow 2's names. */
export const nativeClaims: readonly Claim[] = [
  {
    title: "the native list of DAGs has all of them, with Airflow 2's names",
    async run(context) {
      const body = await read(context, { kind: "dags" });
      const dags = Rows.parse(body["dags"]);
      assert.equal(body["total_entries"], dags.length);
      const ids = dags.map((dag) => dag["dag_id"]);
      assert.ok(dags.length > 120);
      assert.equal(new Set(ids).size, ids.length);
      has(
        present(dags[0], "dag"),
        "dag_id",
        "is_paused",
        "is_active",
        "schedule_interval",
        "tags",
        "owners",
        "fileloc",
        "file_token",
      );
    },
  },
  {
    title: "the native list of DAGs keeps limit and offset",
    async run(context) {
      const all = Rows.parse((await read(context, { kind: "dags", limit: 6, offset: 0 }))["dags"]);
      const some = Rows.parse((await read(context, { kind: "dags", limit: 3, offset: 2 }))["dags"]);
      assert.deepEqual(
        some.map((dag) => dag["dag_id"]),
        all.slice(2, 5).map((dag) => dag["dag_id"]),
      );
    },
  },
  {
    title: "a native DAG has Airflow 2's names",
    async run(context) {
      const dag = await read(context, { kind: "dag", dagId: FIXTURES.scheduled });
      assert.equal(dag["dag_id"], FIXTURES.scheduled);
      assert.deepEqual(dag["schedule_interval"], { __type: "CronExpression", value: "*/5 * * * *" });
      assert.equal(dag["is_active"], true);
    },
  },
  {
    title: "native runs have Airflow 2's names, and limit and offset are kept",
    async run(context) {
      const dagId = manyDag(36);
      for (let number = 0; number < 3; number += 1) await context.given.run(dagId);
      const body = await read(context, { kind: "runs", dagId, limit: 100, offset: 0 });
      const rows = Rows.parse(body["dag_runs"]);
      has(
        present(rows[0], "run"),
        "dag_run_id",
        "state",
        "execution_date",
        "external_trigger",
        "conf",
        "start_date",
        "end_date",
      );
      assert.equal(body["total_entries"], rows.length);
      const part = Rows.parse((await read(context, { kind: "runs", dagId, limit: 1, offset: 1 }))["dag_runs"]);
      assert.deepEqual(
        part.map((row) => row["dag_run_id"]),
        [present(rows[1], "run")["dag_run_id"]],
      );
    },
  },
  {
    title: "a native run has Airflow 2's names",
    async run(context) {
      const run = await context.given.shared(FIXTURES.ok);
      const body = await read(context, { kind: "run", run });
      assert.equal(body["dag_run_id"], run.runId);
      assert.equal(body["external_trigger"], true);
      has(body, "execution_date", "state");
    },
  },
  {
    title: "native tasks have Airflow 2's names",
    async run(context) {
      const run = await context.given.shared(FIXTURES.chain);
      const body = await read(context, { kind: "tasks", run });
      const rows = Rows.parse(body["task_instances"]);
      assert.deepEqual(rows.map((row) => String(row["task_id"])).sort(), ["a", "group.b", "group.c"]);
      has(
        present(rows[0], "task"),
        "task_id",
        "dag_id",
        "state",
        "execution_date",
        "try_number",
        "start_date",
        "duration",
        "operator",
      );
    },
  },
  {
    title: "a native log has a content",
    async run(context) {
      const run = await context.given.shared(FIXTURES.logs);
      const body = await read(context, { kind: "log", task: taskOf(run, "speak"), tryNumber: 1 });
      assert.ok(JSON.stringify(body["content"]).includes("a line on stdout"));
    },
  },
];
