import { AirfleetError, type Calendar, createCalendar, type NodeRetry, type Plan, type Step } from "@airfleet/model";
import { PlanShape } from "./plan-shape.ts";

/** A plan in the form that the engine works with. */
export interface LoadedPlan {
  readonly plan: Plan;
  readonly hash: string;
  readonly version: number;
  readonly text: string;
  readonly steps: ReadonlyMap<string, Step>;
  /** Ids of the steps that read from a step directly. */
  readonly downstream: ReadonlyMap<string, readonly string[]>;
  readonly calendar: Calendar | null;
}

/** What a step that says nothing gets: the same as from the file for Airflow, once more after five minutes. */
export const USUAL_RETRY: NodeRetry = { count: 1, delay_seconds: 300, multiplier: 1, max_delay_seconds: 3_600 };

export const retriesOf = ({ retry }: Step, usual: NodeRetry): NodeRetry => retry ?? usual;

/** Seconds before the try that follows this one: each delay is the one before times the multiplier. */
export const retryDelaySeconds = (retry: NodeRetry, failedTries: number): number =>
  Math.min(retry.delay_seconds * retry.multiplier ** Math.max(0, failedTries - 1), retry.max_delay_seconds);

const MOST_TOLD = 5;

const invalid = (reason: string, cause?: unknown): AirfleetError =>
  new AirfleetError("PLAN_INVALID", { reason }, cause === undefined ? {} : { cause });

const parse = (text: string): Plan => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(`it is no JSON: ${(error as Error).message}`, error);
  }
  const parsed = PlanShape.safeParse(value);
  if (parsed.success) return parsed.data as unknown as Plan;
  const said = parsed.error.issues.slice(0, MOST_TOLD).map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw invalid(said.join("; "), parsed.error);
};

/** Each step after those that it reads from, outputs that exist, and no id twice, also where file names ignore case. */
const checkSteps = (steps: readonly Step[]): void => {
  const seen = new Map<string, Step>();
  for (const step of steps) {
    const key = step.id.toLowerCase();
    if (seen.has(key)) throw invalid(`step "${step.id}" is there twice`);
    for (const { name, step: from, output } of step.inputs) {
      const source = seen.get(from.toLowerCase());
      if (source?.id !== from)
        throw invalid(`input "${name}" of step "${step.id}" reads from "${from}", which does not come before it`);
      if (!source.outputs.includes(output))
        throw invalid(`step "${from}" has no output "${output}", which "${step.id}" reads`);
    }
    seen.set(key, step);
  }
};

/**
 * Reads a plan's text and refuses what this engine could not carry out.
 *
 * @throws {AirfleetError} PLAN_INVALID
 */
export const loadPlan = (
  text: string,
  { hash, version }: { readonly hash: string; readonly version: number },
): LoadedPlan => {
  const plan = parse(text);
  checkSteps(plan.steps);
  const { schedule } = plan;
  let calendar: Calendar | null = null;
  try {
    calendar = schedule === null ? null : createCalendar(schedule.cron, schedule.timeZone);
  } catch (error) {
    throw invalid((error as Error).message, error);
  }
  const downstream = new Map<string, string[]>(plan.steps.map(({ id }) => [id, []]));
  for (const step of plan.steps) {
    for (const from of new Set(step.inputs.map((input) => input.step))) downstream.get(from)?.push(step.id);
  }
  return { plan, hash, version, text, steps: new Map(plan.steps.map((step) => [step.id, step])), downstream, calendar };
};
