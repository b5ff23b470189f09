import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { StepResult } from "@airfleet/model";
import { WireAnswer, type WireJob } from "./wire.ts";

/** How a process is started that carries out steps. */
export interface ProcessCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Why a job has no result: what the process said, or that it is gone. */
export type JobFailure =
  | { readonly kind: "answered"; readonly code: "STEP_REFUSED" | "STEP_FAILED"; readonly message: string }
  /** `said` is the end of what it wrote to its standard error. */
  | { readonly kind: "gone"; readonly reason: string; readonly said: string; readonly hasAnswered: boolean };

export type JobEnd = { readonly result: StepResult } | { readonly failure: JobFailure };

/** A process that carries out one job at a time. */
export interface JobProcess {
  readonly pid: number | undefined;
  readonly isAlive: boolean;
  /** Jobs carried out so far. */
  readonly jobs: number;
  run(job: WireJob, onLog: (line: string) => void): Promise<JobEnd>;
  /** Ends it and every process of its group: politely first, so that it can undo what it has begun. */
  end(graceMs: number): Promise<void>;
}

/** Characters of the standard error that are kept for the message. */
const KEPT = 4_000;

const killGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
  if (child.pid === undefined) return;
  try {
    // It leads a group of its own: what it has started ends with it.
    process.kill(-child.pid, signal);
  } catch {
    // It is gone.
  }
};

/** Starts a process for jobs. */
export const startJobProcess = ({ file, args, env }: ProcessCommand): JobProcess => {
  const child = spawn(file, [...args], { stdio: ["pipe", "ignore", "pipe", "pipe"], detached: true, env });
  // Its end must not keep the server's from coming; the server ends it by closing the pipe, however it ends itself.
  child.unref();
  let said = "";
  let reason: string | undefined;
  let hasAnswered = false;
  let jobs = 0;
  let waiting:
    | { readonly id: string; readonly onLog: (line: string) => void; readonly end: (end: JobEnd) => void }
    | undefined;

  const finish = (end: JobEnd): void => {
    const { end: resolve } = waiting ?? {};
    waiting = undefined;
    resolve?.(end);
  };
  const gone = (): JobEnd => ({ failure: { kind: "gone", reason: reason ?? "it has ended", said, hasAnswered } });
  const ended = new Promise<void>((resolve) => {
    const close = (why: string): void => {
      reason ??= why;
      // What the group has left behind goes too, also when its leader was killed.
      killGroup(child, "SIGKILL");
      finish(gone());
      resolve();
    };
    child.on("error", (error) => close(error.message));
    child.on("close", (code, signal) =>
      close(signal === null ? `it ended with status ${code}` : `it was ended by ${signal}`),
    );
  });

  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = `${said}${text}`.slice(-KEPT);
  });
  // A write to a process that has just ended says so here; its end is told by "close".
  child.stdin?.on("error", () => undefined);
  createInterface({ input: child.stdio[3] as Readable, crlfDelay: Number.POSITIVE_INFINITY }).on("line", (line) => {
    const answer = WireAnswer.parse(JSON.parse(line));
    hasAnswered = true;
    if (waiting === undefined || answer.id !== waiting.id) return;
    if ("log" in answer) waiting.onLog(answer.log);
    else if ("result" in answer) finish({ result: answer.result });
    else finish({ failure: { kind: "answered", ...answer.error } });
  });

  return {
    pid: child.pid,
    get isAlive() {
      return reason === undefined;
    },
    get jobs() {
      return jobs;
    },
    run(job, onLog) {
      jobs += 1;
      if (reason !== undefined) return Promise.resolve(gone());
      return new Promise((resolve) => {
        waiting = { id: job.id, onLog, end: resolve };
        child.stdin?.write(`${JSON.stringify(job)}\n`);
      });
    },
    async end(graceMs) {
      if (reason === undefined) {
        child.stdin?.end();
        killGroup(child, "SIGTERM");
      }
      const timer = setTimeout(() => killGroup(child, "SIGKILL"), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
};
