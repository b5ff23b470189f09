import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { AirfleetError, type PlanValue, type StepResult } from "@airfleet/model";
import type { StepJob, StepOptions, StepRunner } from "../../src/steps/step-runner.ts";

const NOTHING: StepResult = { outputs: {}, rows_in: 0, rows_out: 0, seconds: 0, chosen: null };

const toText = (value: PlanValue, params: StepJob["params"]): string => {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || !("$text" in value)) return JSON.stringify(value);
  const parts = value.$text as readonly (string | { readonly $param: string })[];
  return parts.map((part) => (typeof part === "string" ? part : String(params[part.$param]))).join("");
};

const runCommand = async ({ step, params }: StepJob, { signal, onLog, onProcess }: StepOptions): Promise<void> => {
  if (step.body.kind !== "command") return;
  const [file = "", ...args] = step.body.argv.map((part) => toText(part, params));
  const env = Object.fromEntries(Object.entries(step.body.env).map(([name, value]) => [name, toText(value, params)]));
  const child = spawn(file, args, { env: { PATH: process.env["PATH"], ...env }, stdio: ["ignore", "pipe", "pipe"] });
  if (child.pid !== undefined) onProcess?.(child.pid);
  const stop = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  const lines = [child.stdout, child.stderr].map(async (stream) => {
    for await (const line of createInterface({ input: stream })) onLog(line);
  });
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  await Promise.all(lines);
  signal.throwIfAborted();
  if (code !== 0)
    throw new AirfleetError("STEP_FAILED", { step: step.id, reason: `It ended with status ${String(code)}.` });
};

/**
 * Commands in child processes, and steps that do nothing; no DuckDB. For tests of the engine itself, which want many
 * quick tries at a time. A branch takes its first way.
 */
export const lightRunner = (): StepRunner => ({
  async run(job, options) {
    const { body } = job.step;
    if (body.kind === "branch") return { ...NOTHING, chosen: body.cases[0]?.output ?? null };
    await runCommand(job, options);
    return NOTHING;
  },
  close: () => Promise.resolve(),
});
