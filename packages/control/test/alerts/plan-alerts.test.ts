import { AlertRuleDefinition } from "@airfleet/model";
import type { StoredAlert } from "@airfleet/store";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import type { Trouble } from "../../src/alerts/find-troubles.ts";
import { GROWTH_MS, planAlerts } from "../../src/alerts/plan-alerts.ts";

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;

const ruleOf = (changes: Partial<z.input<typeof AlertRuleDefinition>> = {}) =>
  AlertRuleDefinition.parse({ condition: "run_failed_no_later_success", ...changes });

const trouble = (key: string, changes: Partial<Trouble> = {}): Trouble => ({
  key,
  text: `${key} failed`,
  instance: "eu-1",
  dagId: "orders",
  since: NOW - 1_000,
  ...changes,
});

const openAlert = (found: readonly string[], changes: Partial<StoredAlert> = {}): StoredAlert => ({
  id: "alr_1",
  rule: "r",
  group: "eu-1",
  state: "open",
  condition: "run_failed_no_later_success",
  summary: found.length > 1 ? `${found[0]} failed (and ${found.length - 1} more)` : `${found[0]} failed`,
  instances: ["eu-1"],
  findings: found.map((key) => ({ key, text: `${key} failed`, instance: "eu-1", dagId: "orders", told: true })),
  findingsTotal: found.length,
  since: NOW - HOUR,
  openedAt: NOW - HOUR,
  resolvedAt: null,
  notifiedAt: NOW - HOUR,
  snoozedUntil: null,
  snoozedBy: null,
  changedAt: NOW - HOUR,
  ...changes,
});

const steps = (...args: Parameters<typeof planAlerts>) =>
  planAlerts(...args).map(({ group, state, tell }) => ({ group, state, tell }));

const opened = (group: string) => ({ group, state: "open", tell: "opened" });

describe("what follows from findings", () => {
  it("opens one alert for each group", () => {
    const found = [trouble("a"), trouble("b", { dagId: "bills" }), trouble("c", { instance: "us-1" })];
    expect(steps(ruleOf(), found, [], NOW)).toEqual([opened("eu-1"), opened("us-1")]);
    const byDag = steps(ruleOf({ group_by: "dag" }), found, [], NOW);
    expect(byDag).toEqual([opened("eu-1/orders"), opened("eu-1/bills"), opened("us-1/orders")]);
    const [whole] = planAlerts(ruleOf({ group_by: "rule" }), found, [], NOW);
    expect(whole?.facts).toMatchObject({
      instances: ["eu-1", "us-1"],
      findingsTotal: 3,
      summary: "a failed (and 2 more)",
    });
  });

  it("notices what joins a group that is longer than what is kept of it", () => {
    const found = Array.from({ length: 60 }, (_, index) => trouble(`r${index}`, { since: NOW - 60_000 + index }));
    const [first] = planAlerts(ruleOf(), found, [], NOW);
    expect(first?.facts.findings).toHaveLength(50);
    const open = openAlert([], { ...first?.facts, notifiedAt: NOW });
    const later = NOW + GROWTH_MS;
    expect(steps(ruleOf(), found, [open], later)).toEqual([]);
    const joined = [...found, trouble("new", { since: NOW })];
    expect(steps(ruleOf(), joined, [open], later)).toEqual([{ group: "eu-1", state: "open", tell: "again" }]);
  });

  it("waits until it has been so for long enough, counted from when it began", () => {
    const rule = ruleOf({ for_seconds: 60 });
    expect(steps(rule, [trouble("a", { since: null })], [], NOW)).toEqual([
      { group: "eu-1", state: "pending", tell: null },
    ]);
    const pending = openAlert(["a"], { state: "pending", since: NOW - 59_999, openedAt: null, notifiedAt: null });
    expect(steps(rule, [trouble("a", { since: null })], [pending], NOW)).toEqual([]);
    expect(steps(rule, [trouble("a", { since: null })], [pending], NOW + 1)).toEqual([
      { group: "eu-1", state: "open", tell: "opened" },
    ]);
    expect(steps(rule, [trouble("a", { since: NOW - 60_000 })], [], NOW)).toMatchObject([{ state: "open" }]);
    expect(steps(rule, [], [pending], NOW)).toEqual([{ group: "eu-1", state: "dropped", tell: null }]);
  });

  it("says nothing twice while nothing changes, and repeats itself at the interval", () => {
    const rule = ruleOf({ repeat_seconds: 7_200 });
    expect(steps(rule, [trouble("a")], [openAlert(["a"])], NOW)).toEqual([]);
    expect(steps(rule, [trouble("a")], [openAlert(["a"])], NOW + HOUR)).toMatchObject([{ tell: "again" }]);
    expect(steps(ruleOf({ repeat_seconds: 0 }), [trouble("a")], [openAlert(["a"])], NOW + 99 * HOUR)).toEqual([]);
  });

  it("tells what joins an open alert, but not at once when it was told just before", () => {
    const rule = ruleOf({ repeat_seconds: 0 });
    const found = [trouble("a"), trouble("b")];
    const justTold = openAlert(["a"], { notifiedAt: NOW });
    const [silent] = planAlerts(rule, found, [justTold], NOW);
    expect(silent).toMatchObject({
      tell: null,
      facts: { findingsTotal: 2, findings: [{ told: true }, { told: false }] },
    });
    const grown = { ...justTold, ...silent.facts };
    expect(steps(rule, found, [grown], NOW + GROWTH_MS - 1)).toEqual([]);
    expect(steps(rule, found, [grown], NOW + GROWTH_MS)).toMatchObject([{ tell: "again" }]);
  });

  it("ends with a notice, or without where the rule wants none", () => {
    expect(steps(ruleOf(), [], [openAlert(["a"])], NOW)).toEqual([
      { group: "eu-1", state: "resolved", tell: "resolved" },
    ]);
    expect(steps(ruleOf({ notify_resolved: false }), [], [openAlert(["a"])], NOW)).toMatchObject([{ tell: null }]);
  });

  it("is silent while snoozed, also about the end, and speaks again afterwards", () => {
    const rule = ruleOf({ repeat_seconds: 60 });
    const snoozed = openAlert(["a"], { snoozedUntil: NOW + 1, snoozedBy: "ada" });
    expect(steps(rule, [trouble("a"), trouble("b")], [snoozed], NOW)).toMatchObject([{ state: "open", tell: null }]);
    expect(steps(rule, [], [snoozed], NOW)).toMatchObject([{ state: "resolved", tell: null }]);
    const never = ruleOf({ repeat_seconds: 0 });
    expect(steps(never, [trouble("a")], [snoozed], NOW + 2)).toMatchObject([{ tell: "again" }]);
    expect(steps(never, [trouble("a")], [{ ...snoozed, notifiedAt: NOW + 2 }], NOW + 3)).toEqual([]);
  });
});
