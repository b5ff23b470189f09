import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { AirfleetError, type Connection, isAirfleetError, type Step, type StepResult } from "@airfleet/model";
import { boundLog } from "./bounded-log.ts";
import { DEFAULT_INTERPRETER, duckDbCommand, pythonCommand, type PythonSettings } from "./processes/commands.ts";
import type { JobFailure, JobProcess, ProcessCommand } from "./processes/job-process.ts";
import { createProcessPool, type ProcessPool } from "./processes/process-pool.ts";
import type { WireJob } from "./processes/wire.ts";
import { createSlots } from "./slots.ts";
import type { FindConnection, StepJob, StepLimits, StepOptions, StepRunner } from "./step-runner.ts";
import { reasonOf } from "./step-trouble.ts";

export interface StepRunnerOptions {
  readonly limits: StepLimits;
  readonly findConnection: FindConnection;
  readonly python?: PythonSettings;
  /** Carried by every process beside what it inherits. */
  readonly environment?: Readonly<Record<string, string>>;
  /** How long a process that is told to end may take to undo what it has begun. Default: 5 s. */
  readonly graceMs?: number;
  /** Carries out every step in Python, as Airflow does: for comparing the two. */
  readonly only?: "python";
  /** Jobs after which a process is replaced. Default: 200. */
  readonly jobsEach?: number;
}

const GRACE_MS = 5_000;
/** A process costs some 150 ms to start; after so many jobs that is less than a millisecond each. */
const JOBS_EACH = 200;

/** Room for the line that says that there was more. */
const LAST_LINE = 200;

/** What this interpreter does itself; everything else is Python's, so that nothing harder is written twice. */
const OWN_CONNECTORS: ReadonlySet<string> = new Set(["csv", "json", "parquet", "postgres"]);

const isOwn = ({ body }: Step): boolean => {
  switch (body.kind) {
    case "read":
    case "write":
      return OWN_CONNECTORS.has(body.connector);
    case "sql":
    case "branch":
    case "command":
      return true;
    case "python":
      return false;
    default:
      return body satisfies never;
  }
};

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

const toError = (step: Step, failure: JobFailure, python: string): AirfleetError => {
  if (failure.kind === "answered") {
    return new AirfleetError(failure.code, { step: step.id, reason: sentence(failure.message) });
  }
  const { said, reason, hasAnswered } = failure;
  const isUnusable = /ENOENT|EACCES/.test(reason) || /No module named|ModuleNotFoundError|SyntaxError/.test(said);
  if (!isOwn(step) && !hasAnswered && isUnusable) {
    const why = said.trim().split("\n").at(-1) ?? "";
    return new AirfleetError("STEP_PYTHON_MISSING", { step: step.id, python, reason: why === "" ? reason : why });
  }
  const tail = said.trim().split("\n").at(-1) ?? "";
  return new AirfleetError("STEP_FAILED", {
    step: step.id,
    reason: sentence(`Its process is gone: ${reason}${tail === "" ? "" : ` (${tail})`}`),
  });
};

/** Carries out steps in child processes: what crashes there is a failed step, never a dead server. */
export const createStepRunner = (options: StepRunnerOptions): StepRunner => {
  const { limits, findConnection, python = {}, environment = {}, graceMs = GRACE_MS, jobsEach = JOBS_EACH } = options;
  const marked = (command: ProcessCommand): ProcessCommand => ({ ...command, env: { ...command.env, ...environment } });
  const duckDb = createProcessPool({ command: marked(duckDbCommand()), jobsEach, graceMs });
  const pythons = createProcessPool({ command: marked(pythonCommand(python)), jobsEach, graceMs });
  const slots = createSlots(limits.concurrency);
  duckDb.warmUp();

  const connectionsOf = async (step: Step): Promise<Readonly<Record<string, Connection>>> => {
    const id = "connection" in step.body ? step.body.connection : null;
    if (id === null) return {};
    try {
      return { [id]: await findConnection(id) };
    } catch (error) {
      const isFinal = isAirfleetError(error) && !error.retryable;
      const reason = sentence(reasonOf(error));
      throw new AirfleetError(isFinal ? "STEP_REFUSED" : "STEP_FAILED", { step: step.id, reason }, { cause: error });
    }
  };

  const runIn = async (
    pool: ProcessPool,
    job: WireJob,
    { signal, onLog, onProcess }: StepOptions,
  ): Promise<StepResult> => {
    const process: JobProcess = pool.take();
    if (process.pid !== undefined) onProcess?.(process.pid);
    const onAbort = (): void => void process.end(graceMs).catch(() => undefined);
    signal.addEventListener("abort", onAbort);
    try {
      const end = await process.run(job, onLog);
      if (signal.aborted) {
        await process.end(graceMs);
        signal.throwIfAborted();
      }
      if ("result" in end) return end.result;
      throw toError(job.step, end.failure, python.interpreter ?? DEFAULT_INTERPRETER);
    } finally {
      signal.removeEventListener("abort", onAbort);
      pool.release(process);
    }
  };

  const run = async ({ step, params, inputs, runFolder }: StepJob, given: StepOptions): Promise<StepResult> => {
    const { signal, onLog } = given;
    const release = await slots.take(signal);
    try {
      const connections = await connectionsOf(step);
      await mkdir(runFolder, { recursive: true });
      signal.throwIfAborted();
      const job: WireJob = {
        id: randomUUID(),
        step,
        params,
        inputs,
        run_folder: runFolder,
        roots: limits.roots,
        network_allow: limits.networkAllow,
        connections,
        memory: limits.memory,
        threads: limits.threads,
        log_characters: limits.logBytes,
      };
      return await runIn(isOwn(step) && options.only === undefined ? duckDb : pythons, job, {
        ...given,
        onLog: boundLog(limits.logBytes + LAST_LINE, onLog),
      });
    } catch (error) {
      // Nobody reads what a failed try has left; it only takes room.
      await rm(path.join(runFolder, step.id), { recursive: true, force: true });
      throw error;
    } finally {
      release();
    }
  };

  return {
    run,
    async close() {
      await Promise.all([duckDb.close(), pythons.close()]);
    },
  };
};
