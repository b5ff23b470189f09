import type { CompiledSubjectRule } from "@airfleet/model";
import type { RuleApplication, Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { createLoop, type Loop } from "../reconcilers/loop.ts";
import { judgeRun } from "./match-stored-runs.ts";
import { compileStoredRule } from "./subject-matcher.ts";

interface ApplyPorts {
  readonly store: Pick<Store, "runs" | "ruleApplications" | "leases" | "sharedByProcesses">;
  readonly owner: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly onWritten: () => void;
}

const LEASE_NAME = "subject-rules";
/** The lease only saves double work, so it is short: who was killed is followed soon. */
const LEASE_MS = 5_000;
/** Runs per step: what is done twice when we are killed in between. */
const PAGE = 200;
/** Between two pages others get their turn. */
const BREATH_MS = 10;
/** How soon work that another process took in is seen. */
const IDLE_MS = { shared: 3_000, own: 60_000 } as const;

/** The rules as they were when the work was asked for; one that no longer fits is left out, and told of. */
const compileRules = (work: RuleApplication): { rules: readonly CompiledSubjectRule[]; error: string | null } => {
  let error: string | null = null;
  const rules = work.rules.flatMap((rule) => {
    try {
      return [compileStoredRule(rule)];
    } catch (thrown) {
      error ??= `rule ${rule.id}: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
      return [];
    }
  });
  return { rules, error };
};

/**
 * Applies rules to stored runs, a page at a time. What has been done is written down after each page, so a page may be
 * done twice, which adds nothing twice; and only by the one whose page began where the work stood, so that two workers
 * never count a page both.
 */
export const createRuleApplier = (ports: ApplyPorts): Loop => {
  const { store, owner, clock, logger, random, onWritten } = ports;
  const idleMs = store.sharedByProcesses ? IDLE_MS.shared : IDLE_MS.own;

  const applyPage = async (work: RuleApplication): Promise<void> => {
    const { rules, error } = compileRules(work);
    const page = await store.runs.list({
      limit: PAGE,
      ...(work.instances !== null && { instances: work.instances }),
      ...(work.position !== null && { after: work.position }),
    });
    let [matchedRuns, addedSubjects, failures] = [0, 0, 0];
    let lastError = error;
    for (const run of page.items) {
      const { matched, subjects, problem } = judgeRun(rules, run);
      if (matched) matchedRuns += 1;
      if (subjects.length > 0) addedSubjects += await store.runs.addSubjects(run.key, subjects);
      if (problem === null) continue;
      failures += 1;
      lastError = problem;
    }
    if (addedSubjects > 0) onWritten();
    await store.ruleApplications.advance({
      id: work.id,
      from: work.position,
      next: page.next,
      examinedRuns: page.items.length,
      matchedRuns,
      addedSubjects,
      failures,
      lastError,
    });
  };

  const step = async (): Promise<number> => {
    const work = await store.ruleApplications.next();
    if (work === undefined) return idleMs;
    if ((await store.leases.acquire({ name: LEASE_NAME, owner, ttlMs: LEASE_MS })) === undefined) return idleMs;
    await applyPage(work);
    return BREATH_MS;
  };
  return createLoop({ name: "subject-rules", step, clock, logger, random });
};
