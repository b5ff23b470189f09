import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  dagIdsNamed,
  ENGINE_KINDS,
  matchesDag,
  matchesInstance,
  parseSelector,
  type SelectableDag,
  type SelectableInstance,
  TIERS,
  toDagId,
  toRunCondition,
} from "../../src/index.ts";

const instance: SelectableInstance = {
  id: "EU-prod",
  engine: "airflow",
  tier: "production",
  labels: { team: "data" },
  version: "3.3.0",
};
const dag: SelectableDag = {
  dagId: toDagId("orders_daily"),
  tags: ["tier1", "sales"],
  owners: ["ann"],
  isPaused: false,
  isStale: false,
  hasImportErrors: true,
};

const asPattern = (glob: string): RegExp => new RegExp(`^${glob.replaceAll("*", "[^]*")}$`);

describe("matchesInstance and matchesDag", () => {
  it.each([
    ["instance=eu-*", true],
    ["instance!=eu-*", false],
    ["instance=us-*,eu-prod tier=prod*", true],
    ["label.team=data label.team!=web", true],
    ["label.toString=*", false],
    ["label.zone!=x", true],
    ["version=3.*", true],
    ["engine=dagster", false],
  ])("%s picks the instance: %s", (text, expected) => {
    expect(matchesInstance(parseSelector(text, "instances"), instance)).toBe(expected);
  });

  it("fits no version while the instance has not answered", () => {
    const silent = { ...instance, version: null };
    expect(matchesInstance(parseSelector("version=*", "instances"), silent)).toBe(false);
    expect(matchesInstance(parseSelector("version!=2.*", "instances"), silent)).toBe(true);
  });

  it.each([
    ["dag=orders_*", true],
    ["dag=Orders_*", false],
    ["tag=tier1 tag=sales", true],
    ["tag=tier1 tag=ops", false],
    ["tag=ops,sales", true],
    ["tag!=ops,sales", false],
    ["owner=ann !paused !stale broken", true],
    ["paused", false],
    ["instance=other dag=orders_daily", true],
  ])("%s picks the DAG: %s", (text, expected) => {
    expect(matchesDag(parseSelector(text, "dags"), dag)).toBe(expected);
  });

  it("agrees with a plain reading of one key's terms", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "*"), minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.array(letters, { minLength: 1, maxLength: 3 }),
        fc.array(
          letters.map((text) => text.replaceAll("*", "c")),
          { maxLength: 3 },
        ),
        fc.boolean(),
        (globs, tags, negated) => {
          const selector = parseSelector(`tag${negated ? "!=" : "="}${globs.join(",")}`, "dags");
          const any = tags.some((tag) => globs.some((glob) => asPattern(glob).test(tag)));
          expect(matchesDag(selector, { ...dag, tags })).toBe(negated ? !any : any);
        },
      ),
    );
  });

  it("agrees with a plain reading of terms about instances together", () => {
    fc.assert(
      fc.property(
        fc.subarray([...ENGINE_KINDS], { minLength: 1 }),
        fc.subarray([...TIERS], { minLength: 1 }),
        fc.constantFrom(...ENGINE_KINDS),
        fc.constantFrom(...TIERS),
        (engines, tiers, engine, tier) => {
          const selector = parseSelector(`engine=${engines.join(",")} tier!=${tiers.join(",")}`, "instances");
          const expected = engines.includes(engine) && !tiers.includes(tier);
          expect(matchesInstance(selector, { ...instance, engine, tier })).toBe(expected);
        },
      ),
    );
  });
});

describe("dagIdsNamed", () => {
  it("tells the ids that need no list of DAGs", () => {
    expect(dagIdsNamed(parseSelector("dag=a,b dag=b,c state=failed", "runs"))).toEqual(["b"]);
  });
  it.each(["dag=a*", "dag!=a", "dag=a tag=x", "dag=a !paused", "state=failed"])("has none for %s", (text) => {
    expect(dagIdsNamed(parseSelector(text, "runs"))).toBeUndefined();
  });
});

describe("toRunCondition", () => {
  const now = Date.parse("2026-11-21T00:00:00Z");
  const condition = (text: string) => toRunCondition(parseSelector(text, "runs"), now);

  it("translates every key about runs", () => {
    expect(
      condition(
        'state=f*,lost type!=manual subject=finding-aid/a/b conf.day=2026 note="late one" run=x trigger=trg_1 since=7d started<2026-11-20T00:00:00Z ended>1h duration<=10m',
      ),
    ).toEqual({
      states: ["failed", "lost"],
      types: ["scheduled", "backfill", "asset"],
      subject: { type: "finding-aid", id: "a/b" },
      conf: { day: "2026" },
      noteContains: "late one",
      runIdContains: "x",
      triggerId: "trg_1",
      due: { from: now - 7 * 86_400_000 },
      started: { to: Date.parse("2026-11-20T00:00:00Z") },
      ended: { from: now - 3_600_000 + 1 },
      durationSeconds: { to: 600.001 },
    });
  });

  it("takes two terms of one key together", () => {
    expect(condition("state=failed,success state!=success due>=7d due<1d due>=2d")).toEqual({
      states: ["failed"],
      due: { from: now - 2 * 86_400_000, to: now - 86_400_000 },
    });
  });

  it("keeps a conf key that objects have by themselves", () => {
    const { conf } = condition("conf.__proto__=x");
    expect(Object.entries(conf ?? {})).toEqual([["__proto__", "x"]]);
  });

  it("asks for failed runs without a later success, and for nothing that contradicts it", () => {
    expect(condition("!later_success")).toEqual({ failedWithoutLaterSuccess: true });
    expect(() => condition("state=success !later_success")).toThrow(/speaks of failed runs/);
  });
});
