import { readRefusal } from "@airfleet/http";
import { TASK_STATES } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { parseAirflowVersion } from "../src/airflow-version.ts";
import type { AnswerShapes, Dialect } from "../src/dialect.ts";
import { createV1Dialect } from "../src/v1/dialect.ts";
import { createV2Dialect } from "../src/v2/dialect.ts";
import { DagVersionsShape } from "../src/v2/dag-shapes.ts";
import { type SampleSet, sample, sampleNames } from "./sample.ts";

const DIALECTS: Record<SampleSet, Dialect> = {
  v1: createV1Dialect(parseAirflowVersion("2.11.2")!, "/api/v1", 100),
  v2: createV2Dialect(parseAirflowVersion("3.3.2")!, "/api/v2", 100),
};

type Shape = Exclude<keyof AnswerShapes, "config"> | "variable" | "connection" | "pool" | "versions";

/** Which shape reads which recorded answer. */
const SHAPE_OF: Readonly<Record<string, Shape>> = {
  dag_get: "dag",
  dag_get_import_error: "dag",
  dag_patch_pause: "dag",
  dag_details: "dagDetail",
  dags_list: "dags",
  dag_tasks: "tasks",
  dag_versions: "versions",
  dagrun_get_failed: "run",
  dagrun_get_queued: "run",
  dagrun_get_success: "run",
  dagrun_patch_failed: "run",
  trigger_ok: "run",
  trigger_paused_dag: "run",
  dagruns_list: "runs",
  dagruns_list_all: "runs",
  dagruns_list_by_state: "runs",
  dagruns_batch_list: "runs",
  dagruns_cursor_first: "runs",
  dagruns_cursor_by_updated_at: "runs",
  dagruns_dataset_triggered: "runs",
  dagruns_asset_triggered: "runs",
  ti_get: "taskInstance",
  ti_mapped_get: "taskInstance",
  task_instances_list: "taskInstances",
  ti_batch_list: "taskInstances",
  ti_tries: "taskInstances",
  clear_ti: "cleared",
  clear_ti_dry_run: "cleared",
  import_errors_list: "importErrors",
  variables_list: "variable",
  connections_list: "connection",
  pools_list: "pool",
  event_logs: "auditEvents",
  health: "health",
};

const shapeOf = (set: SampleSet, shape: Shape) => {
  const { shapes } = DIALECTS[set];
  if (shape === "versions") return DagVersionsShape;
  return shape === "variable" || shape === "connection" || shape === "pool" ? shapes.config[shape] : shapes[shape];
};

/** Keys under which rows stand in a list. */
const rowsIn = (body: unknown): unknown[] | undefined =>
  Object.values(body as Record<string, unknown>).find((value) => Array.isArray(value)) as unknown[] | undefined;

describe.each(["v1", "v2"] as const)("recorded answers of %s", (set) => {
  const recorded = sampleNames(set).map((name) => [name, sample(set, name)] as const);

  it.each(recorded.filter(([name, { response }]) => SHAPE_OF[name] !== undefined && response.status === 200))(
    "%s is read into the normal form, no row lost",
    (name, { response }) => {
      const parsed = shapeOf(set, SHAPE_OF[name]!).parse(response.body) as { rows?: unknown[] };
      expect(parsed.rows?.length).toBe(parsed.rows === undefined ? undefined : rowsIn(response.body)?.length);
      // Times come out in one form only.
      expect(JSON.stringify(parsed)).not.toMatch(/"(\w+At|at|logicalDate|interval\w+|runAfter)":"[^"]*\+00:00"/);
      expect({ name, parsed }).toMatchSnapshot();
    },
  );

  it.each(recorded.filter(([, { response }]) => response.status >= 400))(
    "%s yields its reason in one line",
    (_name, { response }) => {
      const { body, headers } = response;
      const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
      const refusal = readRefusal({
        bytes,
        headers: {
          contentType: headers["content-type"] ?? "",
          date: undefined,
          retryAfter: undefined,
          location: undefined,
          awsErrorType: undefined,
        },
      });
      expect(refusal.reason).not.toBe("");
      expect(refusal.reason).not.toContain("\n");
      expect(refusal.reason).not.toContain("[object Object]");
      expect(refusal).toMatchSnapshot();
    },
  );

  it("has every state of a task in our list", () => {
    for (const [name, { response }] of recorded) {
      if (SHAPE_OF[name] !== "taskInstances") continue;
      for (const { state } of DIALECTS[set].shapes.taskInstances.parse(response.body).rows) {
        expect(TASK_STATES).toContain(state);
      }
    }
  });
});

it("gives the same DAG the same normal form on both generations, but for what only one of them has", () => {
  const [two, three] = (["v1", "v2"] as const).map((set) =>
    DIALECTS[set].shapes.dagDetail.parse(sample(set, "dag_details").response.body),
  );
  const {
    file: _f,
    fileToken: _t,
    bundle: _b,
    lastParsedAt: _l,
    owners: _o,
    versionNumber: _v,
    tags: tagsTwo,
    ...common
  } = two!;
  expect(three).toMatchObject({ ...common, tags: [...tagsTwo].sort(), docMd: "hash:ok" });
});
