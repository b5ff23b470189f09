import { fileURLToPath } from "node:url";
import { AirfleetError, type Step } from "@airfleet/model";
import { cacheLayout, ensureInstalled } from "../../../../tools/engines/src/index.ts";
import { createStepRunner, type PythonSettings, type StepLimits, type StepRunner } from "../../src/index.ts";
import { pythonCommand } from "../../src/steps/processes/commands.ts";
import { startJobProcess } from "../../src/steps/processes/job-process.ts";
import type { BenchRoom } from "./plan-bench.ts";

export const limitsFor = (root: string): StepLimits => ({
  roots: [root],
  networkAllow: ["127.0.0.1", "::1", "localhost"],
  memory: "512MB",
  threads: 2,
  concurrency: 2,
  logBytes: 100_000,
});

const SOURCES = fileURLToPath(new URL("../../../../python/src", import.meta.url));

/** The interpreter that the checkout's scripts install, with the runtime as it is here. */
export const findPythonSettings = async (): Promise<PythonSettings> => {
  const { executable } = await ensureInstalled(cacheLayout(), "python", () => undefined);
  return { interpreter: executable("python"), sources: SOURCES };
};

export const openTypeScript =
  (python: PythonSettings) =>
  ({ root, findConnection }: BenchRoom): StepRunner =>
    createStepRunner({ limits: limitsFor(root), findConnection, python });

/** Carries out every step in Python, in one warm process. */
export const openPython =
  (python: PythonSettings) =>
  ({ root, findConnection }: BenchRoom): StepRunner => {
    const process = startJobProcess(pythonCommand(python));
    const { roots, networkAllow, memory, threads } = limitsFor(root);
    let count = 0;
    const connectionsOf = async ({ body }: Step) =>
      "connection" in body && body.connection !== null
        ? { [body.connection]: await findConnection(body.connection) }
        : {};
    return {
      async run({ step, params, inputs, runFolder }, { onLog }) {
        count += 1;
        const end = await process.run(
          {
            id: String(count),
            step,
            params,
            inputs,
            run_folder: runFolder,
            roots,
            network_allow: networkAllow,
            connections: await connectionsOf(step),
            memory,
            threads,
            log_characters: 100_000,
          },
          onLog,
        );
        if ("result" in end) return end.result;
        if (end.failure.kind === "gone") throw new Error(`Python is gone: ${end.failure.reason} ${end.failure.said}`);
        throw new AirfleetError(end.failure.code, { step: step.id, reason: end.failure.message });
      },
      close: () => process.end(5_000),
    };
  };
