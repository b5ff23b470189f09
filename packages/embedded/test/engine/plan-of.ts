import type { NodeRetry, Plan, PlanValue, Step, StepBody } from "@airfleet/model";

/** No second try. */
export const NO_RETRY: NodeRetry = { count: 0, delay_seconds: 0, multiplier: 1, max_delay_seconds: 0 };

/** What a test says of a step; the rest is usual. */
export interface StepSketch extends Partial<Omit<Step, "id" | "inputs" | "body">> {
  readonly id: string;
  /** Steps that it follows: `step` or `step.output`. */
  readonly after?: readonly string[];
  readonly body: StepBody;
}

export const command = (...argv: readonly PlanValue[]): StepBody => ({ kind: "command", argv, env: {} });
export const shell = (script: string): StepBody => command("/bin/sh", "-c", script);
export const EMPTY: StepBody = { kind: "sql", outputs: {} };

/** A step that makes rows of a statement, whose inputs are its tables. */
export const rows = (text: string): StepBody => ({ kind: "sql", outputs: { out: { parts: [text], params: [] } } });

export const stepOf = ({ id, after = [], body, ...more }: StepSketch): Step => ({
  id,
  node: id,
  label: id,
  module: body.kind,
  type: body.kind === "branch" ? "control" : "transformer",
  inputs: after.map((from) => {
    const [step = "", output = "out"] = from.split("->");
    return { name: step.replaceAll(/[^a-z0-9_]/gi, "_"), step, output };
  }),
  outputs: ["out"],
  retry: NO_RETRY,
  timeoutSeconds: null,
  pool: null,
  queue: null,
  body,
  ...more,
});

export const planOf = (
  dagId: string,
  steps: readonly StepSketch[],
  more: Partial<Omit<Plan, "dagId" | "steps">> = {},
): Plan => ({
  format: 1,
  pipeline: dagId,
  name: dagId,
  dagId,
  duckdb: "1.5.6",
  tags: [],
  params: {},
  schedule: null,
  maxActiveRuns: 16,
  steps: steps.map(stepOf),
  ...more,
});
