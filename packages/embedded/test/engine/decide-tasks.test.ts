import type { TaskState } from "@airfleet/model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideRun, type TaskStanding } from "../../src/engine/work/decide-tasks.ts";
import { EMPTY, planOf } from "./plan-of.ts";

const standing = (states: Readonly<Record<string, TaskState | `took ${string}`>>) =>
  new Map<string, TaskStanding>(
    Object.entries(states).map(([id, state]) =>
      state.startsWith("took ")
        ? [id, { state: "success", chosen: state.slice(5) }]
        : [id, { state: state as TaskState, chosen: null }],
    ),
  );

const diamond = planOf("diamond", [
  { id: "choose", outputs: ["left", "right"], body: EMPTY },
  { id: "left", after: ["choose->left"], body: EMPTY },
  { id: "right", after: ["choose->right"], body: EMPTY },
  { id: "join", after: ["left", "right"], needs: "any", body: EMPTY },
  { id: "both", after: ["left", "right"], body: EMPTY },
]);

const decided = (states: Parameters<typeof standing>[0]) => {
  const { tasks, verdict } = decideRun(diamond, standing(states));
  return { ...Object.fromEntries(tasks.map(({ step, to }) => [step, to])), verdict };
};
const REST = { left: "none", right: "none", join: "none", both: "none" } as const;

describe("what follows for a run", () => {
  test("a branch lets its way go on, skips the other and what needs both", () => {
    expect(decided({ choose: "took left", ...REST })).toEqual({
      left: "scheduled",
      right: "skipped",
      both: "skipped",
      verdict: null,
    });
  });

  test("what needs any goes on once all before it has ended", () => {
    expect(decided({ choose: "took left", left: "success", right: "skipped", join: "none", both: "skipped" })).toEqual({
      join: "scheduled",
      verdict: null,
    });
    expect(decided({ choose: "took left", left: "running", right: "skipped", join: "none", both: "skipped" })).toEqual({
      verdict: null,
    });
  });

  test("a failure keeps everything behind it from running, also what needs any, and the run fails with its last task", () => {
    expect(decided({ choose: "failed", ...REST })).toEqual({
      left: "upstream_failed",
      right: "upstream_failed",
      join: "upstream_failed",
      both: "upstream_failed",
      verdict: "failed",
    });
    expect(decided({ choose: "took left", left: "failed", right: "skipped", join: "none", both: "skipped" })).toEqual({
      join: "upstream_failed",
      verdict: "failed",
    });
  });

  test("a run of tasks that were all skipped is a success", () => {
    expect(decided({ choose: "skipped", left: "skipped", right: "skipped", join: "skipped", both: "skipped" })).toEqual(
      { verdict: "success" },
    );
  });

  test("any graph ends: no task is left without a state when nothing runs any more", () => {
    const graph = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(graph, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), (edges, succeeds) => {
        const plan = planOf(
          "any",
          edges.map((before, index) => ({
            id: `s${index}`,
            after: index === 0 ? [] : [...new Set(before.map((from) => `s${from % index}`))],
            ...(index % 3 === 2 ? { needs: "any" as const } : {}),
            body: EMPTY,
          })),
        );
        const known = new Map<string, TaskStanding>(plan.steps.map(({ id }) => [id, { state: "none", chosen: null }]));
        for (let round = 0; round <= edges.length; round += 1) {
          const { tasks, verdict } = decideRun(plan, known);
          for (const { step, to } of tasks) {
            const isGood = succeeds[Number(step.slice(1))] ?? true;
            known.set(step, { state: to === "scheduled" ? (isGood ? "success" : "failed") : to, chosen: null });
          }
          if (verdict !== null) return true;
        }
        return decideRun(plan, known).verdict !== null;
      }),
    );
  });
});
