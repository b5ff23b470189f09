import path from "node:path";
import { AirfleetError, type Step, StepResult, type TableReference } from "@airfleet/model";
import type { StepRunner } from "../../steps/step-runner.ts";
import type { EngineDatabase } from "../database/open-database.ts";
import { fromMicros, type Now } from "../instants.ts";
import { openTryLog, type TryLog } from "../logs/try-log.ts";
import type { LoadedPlan } from "../plans/loaded-plan.ts";
import { paramsOf } from "../runs/params.ts";
import { DEFAULT_POOL } from "../tasks/task-row.ts";
import type { BegunTry } from "./choose-tasks.ts";
import type { EngineLimits } from "./limits.ts";
import { isFinalFailure, type TryOutcome } from "./settle-try.ts";

export interface CarryOut {
  readonly database: EngineDatabase;
  readonly runner: StepRunner;
  readonly limits: EngineLimits;
  readonly now: Now;
  /** Told which process carries out a try. */
  readonly onProcess: (begun: BegunTry, pid: number) => void;
  /** Carried by every process of a step. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Rows between the steps of a run. */
export const runFolder = (directory: string, run: number): string => path.join(directory, "runs", String(run));

/** What the step may have done already cannot be told from files: it must be known that it had begun. */
const hasEffects = ({ body }: Step): boolean =>
  body.kind === "write" || body.kind === "command" || body.kind === "python";

/** Steps that leave no rows: what reads from them only waits for them. */
const LEAVES_NOTHING: ReadonlySet<Step["body"]["kind"] | undefined> = new Set(["command", "write", "branch"] as const);

/** Rows of the steps before, by input; ways that a branch did not take are absent. */
const readInputs = (
  database: EngineDatabase,
  run: number,
  plan: LoadedPlan,
  step: Step,
): Readonly<Record<string, TableReference>> => {
  const inputs: Record<string, TableReference> = {};
  for (const { name, step: from, output } of step.inputs) {
    const sql = "select state, result from task_instances where run = ? and task_id = ?";
    const row = database.one<{ state: string; result: string | null }>(sql, run, from);
    const result = row?.result === null || row === undefined ? null : StepResult.parse(JSON.parse(row.result));
    const reference = result?.outputs[output];
    if (reference !== undefined) inputs[name] = reference;
    else if (row?.state === "success" && !LEAVES_NOTHING.has(plan.steps.get(from)?.body.kind)) {
      const reason = `step "${from}" has left nothing to read. Clear it, and it runs again.`;
      throw new AirfleetError("STEP_REFUSED", { step: step.id, reason });
    }
  }
  return inputs;
};

/** A command is told what it runs for, in its environment; what the pipeline says itself goes before. */
const withSurroundings = (step: Step, begun: BegunTry, environment: CarryOut["environment"]): Step => {
  const { body } = step;
  if (body.kind !== "command") return step;
  const env = {
    AIRFLEET_DAG_ID: begun.dagId,
    AIRFLEET_RUN_ID: begun.runId,
    AIRFLEET_TASK_ID: begun.taskId,
    AIRFLEET_TRY_NUMBER: String(begun.tryNumber),
    ...(begun.logicalDate === null ? {} : { AIRFLEET_LOGICAL_DATE: fromMicros(begun.logicalDate) }),
    ...body.env,
    ...environment,
  };
  return { ...step, body: { ...body, env } };
};

/** Both ends a try: its time is over, or somebody stopped it. */
const timeoutOf = ({ id, timeoutSeconds }: Step): { readonly signal: AbortSignal; clear: () => void } => {
  const controller = new AbortController();
  if (timeoutSeconds === null) return { signal: controller.signal, clear: () => undefined };
  const reason = `it took longer than ${timeoutSeconds} s.`;
  const end = (): void => controller.abort(new AirfleetError("STEP_FAILED", { step: id, reason }));
  const timer = setTimeout(end, Math.min(timeoutSeconds * 1_000, 2_147_483_647));
  return { signal: controller.signal, clear: () => clearTimeout(timer) };
};

const carryOut = async (context: CarryOut, plan: LoadedPlan, begun: BegunTry, log: TryLog, signal: AbortSignal) => {
  const { database, runner, limits } = context;
  const step = plan.steps.get(begun.taskId);
  if (step === undefined)
    throw new AirfleetError("STEP_REFUSED", { step: begun.taskId, reason: "the plan has no such step." });
  if (step.pool !== null && step.pool !== DEFAULT_POOL && limits.pools[step.pool] === undefined) {
    const reason = `there is no pool "${step.pool}". Give it slots in embedded.pools.`;
    throw new AirfleetError("STEP_REFUSED", { step: step.id, reason });
  }
  const timeout = timeoutOf(step);
  try {
    if (hasEffects(step)) await database.synced();
    const job = {
      step: withSurroundings(step, begun, context.environment),
      params: paramsOf(plan.plan, JSON.parse(begun.conf) as Record<string, unknown>),
      inputs: readInputs(database, begun.run, plan, step),
      runFolder: runFolder(database.directory, begun.run),
    };
    const both = AbortSignal.any([signal, timeout.signal]);
    both.throwIfAborted();
    return await runner.run(job, {
      signal: both,
      onLog: (line) => log.print(line),
      onProcess: (pid) => context.onProcess(begun, pid),
    });
  } finally {
    timeout.clear();
  }
};

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 0)} s`;

/** Carries out one try; resolves once its processes are gone. Never throws. */
export const carryOutTry = async (
  context: CarryOut,
  plan: LoadedPlan,
  begun: BegunTry,
  signal: AbortSignal,
): Promise<TryOutcome> => {
  const { database, limits, now } = context;
  const log = openTryLog(database.directory, begun, { bytes: limits.logBytes, now });
  const startedAt = now();
  const word = (text: string): string => `Try ${begun.tryNumber} of ${begun.taskId} ${text}`;
  log.note("info", word(`begins, for run ${begun.runId} of ${begun.dagId}`));
  try {
    const result = await carryOut(context, plan, begun, log, signal);
    log.note(
      "info",
      word(`succeeded after ${seconds(now() - startedAt)}: ${result.rows_in} rows in, ${result.rows_out} out`),
    );
    return { kind: "success", result };
  } catch (error) {
    const isStopped = signal.aborted && error === signal.reason;
    const message = error instanceof Error ? error.message : String(error);
    log.note(isStopped ? "warning" : "error", isStopped ? word("was stopped; its processes are gone") : message);
    return { kind: "failed", isFinal: isFinalFailure(error) };
  } finally {
    log.close();
  }
};
