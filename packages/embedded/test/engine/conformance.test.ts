import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  applicableClaims,
  BROKEN_FILE,
  type ConformanceHost,
  conformanceClaims,
  openConformanceSession,
} from "@airfleet/engine";
import { toDagId } from "@airfleet/model";
import { afterAll, describe, expect, test } from "vitest";
import { fixturePlans, ownPlan } from "./fixture-plans.ts";
import { lightRunner } from "./light-runner.ts";
import { EMPTY, planOf } from "./plan-of.ts";
import { deploy, openEngine, temporaryDirectory } from "./open-engine.ts";

const directory = await temporaryDirectory();

const open = () => openEngine(directory.path, { limits: { concurrency: 16 }, openRunner: lightRunner });
const engine = open();
for (const { plan, paused = false, hash } of fixturePlans()) {
  await deploy(engine, plan, hash);
  await engine.setPaused(toDagId(plan.dagId), paused);
}
await engine
  .deployPlan?.({
    dagId: toDagId(BROKEN_FILE),
    text: JSON.stringify(planOf(BROKEN_FILE, [{ id: "a", after: ["a_module_that_does_not_exist"], body: EMPTY }])),
    hash: "broken",
  })
  .catch(() => undefined);
// Others that the suite opens read and ask; this one runs the work.
const others = Array.from({ length: 4 }, open);

/** What another version of the engine, which knows another format, would leave. */
const tamper = (dagId: string): void => {
  const file = new DatabaseSync(path.join(directory.path, "engine.db"));
  try {
    file
      .prepare("update plan_versions set text = ?, hash = 'of-another-version' where dag_id = ?")
      .run('{"format": 2}', dagId);
    file.prepare("update plans set changed_at = changed_at + 1 where dag_id = ?").run(dagId);
  } finally {
    file.close();
  }
};

const host: ConformanceHost = {
  open: () => others.pop() ?? engine,
  files: {
    write: (dagId) => deploy(engine, ownPlan(dagId)),
    break: async (dagId) => tamper(dagId),
    remove: async (dagId) => {
      await engine.removePlan?.(dagId).catch(() => undefined);
    },
  },
  pollMs: 50,
  patienceMs: 60_000,
};
const session = await openConformanceSession(host);

afterAll(async () => {
  await session[Symbol.asyncDispose]();
  for (const other of others) await other.close();
  await engine.close();
  await directory[Symbol.asyncDispose]();
});

const subjects = Object.entries(conformanceClaims)
  .map(([subject, claims]) => [subject, applicableClaims(claims, session.context)] as const)
  .filter(([, claims]) => claims.length > 0);

describe.concurrent.each(subjects)("%s", (_subject, claims) => {
  test.each(claims)("$title", { timeout: 120_000 }, async (claim) => {
    await expect(claim.run(session.context)).resolves.toBeUndefined();
  });
});
