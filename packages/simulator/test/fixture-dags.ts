import { readFileSync } from "node:fs";
import { BIG_LOG_LINES, BROKEN_FILE, FIXTURES, MANY_DAGS, manyDag } from "@airfleet/engine";
import type { BrokenFileSpec, DagSpec, TaskSpec } from "../src/index.ts";

const FOLDER = new URL("../../../tools/engines/dags/", import.meta.url);

/** The real files' text: what the simulator cannot run it can at least show. */
const fileOf = (name: string): Pick<DagSpec, "fileLoc" | "source"> => ({
  fileLoc: `/opt/airflow/dags/${name}`,
  source: readFileSync(new URL(name, FOLDER), "utf8"),
});

const basics = fileOf("af_basics.py");
const lifecycle = fileOf("af_lifecycle.py");
const logs = fileOf("af_logs.py");

const common = { owners: ["airfleet"], tags: ["conformance"], startDate: "2024-01-01T00:00:00Z" } as const;
const quick = (taskId: string, more: Partial<TaskSpec> = {}): TaskSpec => ({ taskId, durationSeconds: 0.3, ...more });
const empty = { operator: "EmptyOperator", durationSeconds: 0 } as const;
const python = "PythonOperator";

export const BROKEN_FILE_SPEC: BrokenFileSpec = {
  fileLoc: `/opt/airflow/dags/${BROKEN_FILE}`,
  stackTrace: "ModuleNotFoundError: No module named 'a_module_that_does_not_exist'\n",
};

/** A DAG alone in its file, as the suite writes it. */
export const ownDag = (dagId: string): DagSpec => ({
  ...common,
  dagId,
  tags: ["conformance-file"],
  tasks: [quick("a")],
});

/** The fixture DAGs of tools/engines/dags, as the simulator runs them. */
export const fixtureDags = (): readonly DagSpec[] => [
  {
    ...common,
    ...basics,
    dagId: FIXTURES.ok,
    tags: ["team:x", "conformance"],
    description: "One quick task that succeeds",
    docMd: "# Succeeds\n\nairfleet-hash: 3d1f0c9a5be84b7f\n",
    tasks: [quick("a")],
  },
  {
    ...common,
    ...basics,
    dagId: FIXTURES.params,
    params: { n: { value: 1, description: "How many", schema: { type: "integer", minimum: 0, maximum: 1_000 } } },
    tasks: [quick("print_conf", { operator: python, log: ({ conf }) => [`conf ${JSON.stringify(conf)}`] })],
  },
  {
    ...common,
    ...basics,
    dagId: FIXTURES.mapped,
    tasks: [
      quick("show", {
        operator: "_PythonDecoratedOperator",
        mapped: 3,
        log: ({ mapIndex }) => [`map_index=${mapIndex} number=${mapIndex + 1}`],
      }),
    ],
  },
  {
    ...common,
    ...basics,
    dagId: FIXTURES.chain,
    tasks: [
      { taskId: "a", ...empty, downstream: ["group.b"] },
      quick("group.b", { downstream: ["group.c"] }),
      quick("group.c"),
    ],
  },
  {
    ...common,
    ...basics,
    dagId: FIXTURES.branch,
    tasks: [
      quick("choose", { operator: "BranchPythonOperator", downstream: ["left", "right"] }),
      quick("left", { downstream: ["join"] }),
      quick("right", { downstream: ["join"], skips: true }),
      { taskId: "join", ...empty, triggerRule: "none_failed_min_one_success" },
    ],
  },
  { ...common, ...basics, dagId: FIXTURES.paused, paused: true, tasks: [quick("a")] },
  {
    ...common,
    ...basics,
    dagId: FIXTURES.scheduled,
    paused: true,
    schedule: "*/5 * * * *",
    maxActiveRuns: 1,
    tasks: [quick("a")],
  },
  { ...common, ...basics, dagId: FIXTURES.oddId, tasks: [quick("task.with-odd_chars")] },
  {
    ...common,
    ...lifecycle,
    dagId: FIXTURES.sleep,
    tasks: [
      { taskId: "a", durationSeconds: 120, downstream: ["b"] },
      quick("b", { downstream: ["c"] }),
      quick("c", { triggerRule: "all_done" }),
    ],
  },
  {
    ...common,
    ...lifecycle,
    dagId: FIXTURES.fail,
    tasks: [
      quick("a", { fails: () => true, downstream: ["b", "c"] }),
      quick("b"),
      quick("c", { triggerRule: "all_done" }),
    ],
  },
  {
    ...common,
    ...lifecycle,
    dagId: FIXTURES.flaky,
    tasks: [
      quick("a", {
        operator: python,
        failTries: 1,
        retries: 1,
        retryDelaySeconds: 1,
        log: ({ tryNumber }) =>
          tryNumber === 1
            ? [
                {
                  text: "Task failed with exception",
                  level: "error",
                  logger: "task",
                  exception: { type: "RuntimeError", value: "the first try fails on purpose" },
                },
              ]
            : [`try ${tryNumber} succeeds`],
      }),
    ],
  },
  {
    ...common,
    ...lifecycle,
    dagId: FIXTURES.retries,
    tasks: [{ taskId: "a", durationSeconds: 300, retries: 2, retryDelaySeconds: 1 }],
  },
  {
    ...common,
    ...logs,
    dagId: FIXTURES.logs,
    tasks: [
      quick("speak", {
        operator: python,
        downstream: ["stumble"],
        log: [
          "a line on stdout",
          { text: "a line on stderr", stream: "stderr" },
          { text: "an info line", level: "info", logger: "airfleet.fixture" },
          { text: "a warning line", level: "warning", logger: "airfleet.fixture" },
          { text: "an error line", level: "error", logger: "airfleet.fixture" },
          "::group::a group of our own",
          "inside the group",
          "::endgroup::",
          "unicode: Grüße, 東京, 🚀",
          "\u001b[31mred\u001b[0m and \u001b[1mbold\u001b[0m",
        ],
      }),
      quick("stumble", {
        operator: python,
        fails: () => true,
        log: [
          { text: "KeyError: 'the cause'", level: "error", logger: "task" },
          {
            text: "Task failed with exception",
            level: "error",
            logger: "task",
            exception: { type: "ValueError", value: "the second task fails on purpose" },
          },
        ],
      }),
    ],
  },
  {
    ...common,
    ...logs,
    dagId: FIXTURES.bigLog,
    tasks: [
      quick("count", {
        operator: python,
        log: Array.from(
          { length: BIG_LOG_LINES },
          (_, index) => `line ${String(index).padStart(5, "0")} of ${BIG_LOG_LINES}`,
        ),
      }),
    ],
  },
  ...Array.from({ length: MANY_DAGS }, (_, number) => ({
    ...common,
    ...fileOf("af_many.py"),
    dagId: manyDag(number),
    tags: ["many"],
    paused: true,
    tasks: [{ taskId: "a", ...empty }],
  })),
];
