import type { Plan, StepResult, TableReference } from "@airfleet/model";
import type { StepRunner } from "../../src/index.ts";

export interface PlanRun {
  /** Of the steps that were carried out, by id. */
  readonly results: ReadonlyMap<string, StepResult>;
  readonly failed: { readonly step: string; readonly error: unknown } | null;
  readonly logs: readonly string[];
}

export interface RunPlan {
  readonly plan: Plan;
  readonly runner: StepRunner;
  readonly runFolder: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
}

/** Carries out a plan step by step, as an engine does without retries. */
export const runPlan = async (options: RunPlan): Promise<PlanRun> => {
  const { plan, runner, runFolder, signal = new AbortController().signal } = options;
  const results = new Map<string, StepResult>();
  const logs: string[] = [];
  for (const step of plan.steps) {
    const inputs: Record<string, TableReference> = {};
    for (const { name, step: from, output } of step.inputs) {
      const found = results.get(from)?.outputs[output];
      if (found !== undefined) inputs[name] = found;
    }
    const wanted = step.inputs.length;
    const have = Object.keys(inputs).length;
    if (wanted > 0 && (have === 0 || (step.needs !== "any" && have < wanted))) continue;
    const params = { ...plan.params, ...options.params };
    try {
      const onLog = (line: string): void => void logs.push(line);
      results.set(step.id, await runner.run({ step, params, inputs, runFolder }, { signal, onLog }));
    } catch (error) {
      return { results, failed: { step: step.id, error }, logs };
    }
  }
  return { results, failed: null, logs };
};
