import { BIG_LOG_LINES, FIXTURES, MANY_DAGS, manyDag } from "@airfleet/engine";
import type { Plan } from "@airfleet/model";
import { command, EMPTY, planOf, shell } from "./plan-of.ts";

const tags = ["conformance"];
const quick = command("true");

const SPEAK = `echo "a line on stdout"
echo "a line on stderr" >&2
echo "<6>an info line"
echo "<4>a warning line"
echo "<3>an error line"
echo "::group::a group of our own"
echo "inside the group"
echo "::endgroup::"
echo "unicode: Grüße, 東京, 🚀"
printf '\\033[31mred\\033[0m and \\033[1mbold\\033[0m\\n'`;

const FLAKY = `if [ "$AIRFLEET_TRY_NUMBER" = 1 ]; then echo "the first try fails on purpose"; exit 1; fi
echo "try $AIRFLEET_TRY_NUMBER succeeds"`;

const COUNT = `awk 'BEGIN { for (i = 0; i < ${BIG_LOG_LINES}; i++) printf "line %05d of ${BIG_LOG_LINES}\\n", i }'`;

const soon = (count: number) => ({ count, delay_seconds: 1, multiplier: 1, max_delay_seconds: 10 });

/** A DAG alone, as the suite deploys it. */
export const ownPlan = (dagId: string): Plan =>
  planOf(dagId, [{ id: "a", body: quick }], { tags: ["conformance-file"] });

/** The suite's DAGs as plans; what no plan can say is told by the engine's gaps. */
export const fixturePlans = (): readonly {
  readonly plan: Plan;
  readonly paused?: boolean;
  readonly hash?: string;
}[] => [
  {
    plan: planOf(FIXTURES.ok, [{ id: "a", body: quick }], {
      name: "One quick task that succeeds",
      tags: ["team:x", "conformance"],
    }),
    hash: "3d1f0c9a5be84b7f",
  },
  {
    plan: planOf(
      FIXTURES.params,
      [{ id: "print_conf", body: command("echo", { $text: ["conf ", { $param: "n" }, " ", { $param: "city" }] }) }],
      { tags, params: { n: 1, city: "" } },
    ),
  },
  { plan: planOf(FIXTURES.mapped, [{ id: "show", body: quick }], { tags }) },
  {
    plan: planOf(
      FIXTURES.chain,
      [
        { id: "a", body: quick },
        { id: "group.b", after: ["a"], body: quick },
        { id: "group.c", after: ["group.b"], body: quick },
      ],
      { tags },
    ),
  },
  {
    plan: planOf(
      FIXTURES.branch,
      [
        {
          id: "choose",
          outputs: ["left", "right"],
          body: {
            kind: "branch",
            cases: [{ output: "left", when: { parts: ["select true"], params: [] } }],
            otherwise: "right",
          },
        },
        { id: "left", after: ["choose->left"], body: quick },
        { id: "right", after: ["choose->right"], body: quick },
        { id: "join", after: ["left", "right"], needs: "any", body: quick },
      ],
      { tags },
    ),
  },
  { plan: planOf(FIXTURES.paused, [{ id: "a", body: quick }], { tags }), paused: true },
  {
    plan: planOf(FIXTURES.scheduled, [{ id: "a", body: quick }], {
      tags,
      maxActiveRuns: 1,
      schedule: {
        cron: "*/5 * * * *",
        timeZone: "UTC",
        startDate: "2024-01-01T00:00:00Z",
        endDate: null,
        catchup: false,
      },
    }),
    paused: true,
  },
  { plan: planOf(FIXTURES.oddId, [{ id: "task.with-odd_chars", body: quick }], { tags }) },
  {
    plan: planOf(
      FIXTURES.sleep,
      [
        { id: "a", body: command("sleep", "120") },
        { id: "b", after: ["a"], body: quick },
        { id: "c", after: ["b"], body: quick },
      ],
      { tags },
    ),
  },
  {
    plan: planOf(
      FIXTURES.fail,
      [
        { id: "a", body: command("false") },
        { id: "b", after: ["a"], body: quick },
        { id: "c", body: quick },
      ],
      { tags },
    ),
  },
  { plan: planOf(FIXTURES.flaky, [{ id: "a", body: shell(FLAKY), retry: soon(1) }], { tags }) },
  { plan: planOf(FIXTURES.retries, [{ id: "a", body: command("sleep", "300"), retry: soon(2) }], { tags }) },
  {
    plan: planOf(
      FIXTURES.logs,
      [
        { id: "speak", body: shell(SPEAK) },
        {
          id: "stumble",
          after: ["speak"],
          body: shell(`echo "KeyError: 'the cause'"; echo "ValueError: the second task fails on purpose"; exit 1`),
        },
      ],
      { tags },
    ),
  },
  { plan: planOf(FIXTURES.bigLog, [{ id: "count", body: shell(COUNT) }], { tags }) },
  ...Array.from({ length: MANY_DAGS }, (_, number) => ({
    plan: planOf(manyDag(number), [{ id: "a", body: EMPTY }], { tags: ["many"] }),
    paused: true,
  })),
];
