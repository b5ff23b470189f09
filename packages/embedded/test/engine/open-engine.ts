import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Engine } from "@airfleet/engine";
import { AirfleetError, type Plan, toDagId, toInstanceId } from "@airfleet/model";
import { createEmbeddedEngine, type EmbeddedEngineOptions } from "../../src/engine/create-embedded-engine.ts";
import { createStepRunner } from "../../src/index.ts";
import type { StepRunner } from "../../src/steps/step-runner.ts";

/** A folder for one engine's file; gone in the end. */
export const temporaryDirectory = async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "airfleet-embedded-"));
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) };
};

/** The real thing: steps in child processes. */
export const realRunner = (environment: Readonly<Record<string, string>>, roots: readonly string[] = []): StepRunner =>
  createStepRunner({
    limits: { roots, networkAllow: ["127.0.0.1"], memory: "1GB", threads: 1, concurrency: 16, logBytes: 10_000_000 },
    findConnection: (id) => Promise.reject(new AirfleetError("CONNECTION_UNKNOWN", { id, variable: id.toUpperCase() })),
    environment,
    graceMs: 1_000,
  });

export const openEngine = (directory: string, options: Partial<EmbeddedEngineOptions> = {}): Engine =>
  createEmbeddedEngine({
    instance: toInstanceId("local"),
    directory,
    version: "0.1.0",
    openRunner: realRunner,
    ...options,
  });

export const deploy = async (engine: Engine, plan: Plan, hash?: string): Promise<void> => {
  const text = JSON.stringify(plan);
  const sha = hash ?? createHash("sha256").update(text).digest("hex");
  await engine.deployPlan?.({ dagId: toDagId(plan.dagId), text, hash: sha });
};
