import type { DagSpec, InstanceSpec } from "@airfleet/simulator";

const MAIN = { fileLoc: "/opt/airflow/dags/t_main.py", startDate: "2026-01-01T00:00:00Z", paused: false } as const;
const ASSET = "s3://bucket/t_asset/key";
const bash = (command: string) => ({ renderedFields: { bash_command: command, cwd: null, env: null } });

const SLEEP = [
  { taskId: "a", downstream: ["b", "c"], durationSeconds: 7654, ...bash("echo start pid $$; sleep 7654; echo end") },
  { taskId: "b", ...bash("echo b") },
  { taskId: "c", triggerRule: "all_done", ...bash("echo c") },
] as const;

const many = Array.from(
  { length: 10 },
  (_, index): DagSpec => ({ dagId: `t_many_00${index}`, startDate: "2026-01-01T00:00:00Z", tasks: [{ taskId: "a" }] }),
);

/** The DAGs that were on the real servers when the samples were recorded. */
export const recordedDags: readonly DagSpec[] = [
  { dagId: "hello", schedule: "*/5 * * * *", tags: ["demo"], paused: true, tasks: [{ taskId: "say" }] },
  {
    ...MAIN,
    dagId: "t_ok",
    docMd: "hash:ok",
    tags: ["team:x", "t"],
    description: "simple",
    tasks: [{ taskId: "a", ...bash("echo hello-a") }],
  },
  {
    ...MAIN,
    dagId: "t_params",
    params: { n: { value: 1, schema: { type: "integer", minimum: 0 } }, s: { value: "x", schema: { type: "string" } } },
    tasks: [{ taskId: "a" }],
  },
  { ...MAIN, dagId: "t_paused", paused: true, tasks: [{ taskId: "a", ...bash("echo a") }] },
  { ...MAIN, dagId: "t_sleep", tasks: SLEEP },
  {
    ...MAIN,
    dagId: "t_fail",
    tasks: [
      { taskId: "z", downstream: ["a"], ...bash("echo z") },
      { taskId: "a", downstream: ["c", "b"], fails: ({ conf }) => conf.ok !== true, ...bash("exit 3") },
      { taskId: "b", ...bash("echo b") },
      { taskId: "c", triggerRule: "all_done", ...bash("echo c") },
    ],
  },
  { ...MAIN, dagId: "t_map", tasks: [{ taskId: "m", mapped: 3, fails: ({ mapIndex }) => mapIndex === 2 }] },
  {
    ...MAIN,
    dagId: "t_logs",
    tasks: [
      {
        taskId: "p",
        operator: "PythonOperator",
        returns: { x: [1, 2, { y: null }], s: "é" },
        log: [
          "plain stdout line",
          { text: "a warning é ☃", level: "warning", logger: "my.logger" },
          { text: "stderr line", stream: "stderr" },
          {
            text: "caught",
            level: "error",
            logger: "my.logger",
            exception: { type: "ZeroDivisionError", value: "division by zero" },
          },
        ],
      },
      {
        taskId: "slow",
        durationSeconds: 45,
        log: Array.from({ length: 45 }, (_, index) => ({
          text: `tick ${index + 1}`,
          logger: "subprocess",
          afterSeconds: index,
        })),
      },
    ],
  },
  {
    ...MAIN,
    dagId: "t_sched",
    schedule: "0 0 * * *",
    startDate: "2026-11-01T00:00:00Z",
    paused: true,
    tasks: [{ taskId: "a" }],
  },
  { ...MAIN, dagId: "t_producer", tasks: [{ taskId: "a", outlets: [ASSET] }] },
  { ...MAIN, dagId: "t_consumer", schedule: { assets: [ASSET] }, tasks: [{ taskId: "a" }] },
  { dagId: "t_dep1", docMd: "h1", description: "desc h3", tags: ["h:h3"], paused: false, tasks: [{ taskId: "a" }] },
  { dagId: "t_brk", paused: false, tasks: [{ taskId: "a" }] },
  ...many,
];

/** An instance as the recorded ones were, broken file included. */
export const recordedInstance = (generation: 2 | 3): InstanceSpec => ({
  id: `recorded-${generation}`,
  generation,
  dags: recordedDags,
  brokenFiles: [
    {
      fileLoc: "/opt/airflow/dags/t_broken.py",
      stackTrace:
        'Traceback (most recent call last):\n  File "/opt/airflow/dags/t_broken.py", line 3, in <module>\n    raise ValueError("boom at import")\nValueError: boom at import\n',
    },
  ],
});
