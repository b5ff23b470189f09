import { mkdirSync, rmSync } from "node:fs";
import type { Connection, Plan, StepResult, TableReference } from "@airfleet/model";
import { createStepRunner, type StepRunner } from "@airfleet/embedded";
import { CONNECTION, etlPlan } from "./etl-plan.ts";

/**
 * Carries the plan out on warm processes of the embedded engine, two steps at a time where the plan lets it.
 * usage: our-way.ts DATA WORK CONNECTION_JSON {own|python} INTERPRETER SOURCES
 */
const [data = "", work = "", connectionJson = "", kind = "own", interpreter = "", sources = ""] = process.argv.slice(2);
const connection = JSON.parse(connectionJson) as Connection;

const findConnection = async (id: string): Promise<Connection> => {
  if (id !== CONNECTION) throw new Error(`there is no connection ${id}`);
  return connection;
};

const limits = {
  roots: [data],
  networkAllow: ["127.0.0.1", "localhost", "::1"],
  memory: "400MB",
  threads: 2,
  concurrency: 2,
  logBytes: 10_000,
};

const runAll = async (plan: Plan, runner: StepRunner, runFolder: string): Promise<ReadonlyMap<string, StepResult>> => {
  const results = new Map<string, Promise<StepResult>>();
  const signal = new AbortController().signal;
  for (const step of plan.steps) {
    const run = async (): Promise<StepResult> => {
      const inputs: Record<string, TableReference> = {};
      for (const { name, step: from, output } of step.inputs) {
        const reference = (await results.get(from))?.outputs[output];
        if (reference !== undefined) inputs[name] = reference;
      }
      return await runner.run({ step, params: {}, inputs, runFolder }, { signal, onLog: () => undefined });
    };
    results.set(step.id, run());
  }
  const done = [...results].map(async ([id, result]) => [id, await result] as const);
  return new Map(await Promise.all(done));
};

const python = { interpreter, sources };
const runner = createStepRunner({
  limits,
  findConnection,
  python,
  ...(kind === "python" ? { only: "python" as const } : {}),
});
try {
  mkdirSync(work, { recursive: true });
  const plan = etlPlan();
  const warm = plan.steps.find(({ id }) => id === "customers");
  if (warm === undefined) throw new Error("the plan has no customers");
  await Promise.all(
    [1, 2].map((number) =>
      runner.run(
        { step: warm, params: {}, inputs: {}, runFolder: `${work}/warm-${number}` },
        { signal: new AbortController().signal, onLog: () => undefined },
      ),
    ),
  );
  const began = performance.now();
  const results = await runAll(plan, runner, `${work}/run`);
  const ms = performance.now() - began;
  const outputs = [...results.values()].flatMap((result) => Object.values(result.outputs));
  process.stdout.write(
    `${JSON.stringify({ ms, rows: results.get("detail")?.rows_out, handedOver: outputs.reduce((sum, { bytes }) => sum + bytes, 0) })}\n`,
  );
} finally {
  await runner.close();
  rmSync(work, { recursive: true, force: true });
}
