import { type JobProcess, type ProcessCommand, startJobProcess } from "./job-process.ts";

/** Processes of one kind, kept warm between jobs. */
export interface ProcessPool {
  /** A process for one job; give it back with `release`. */
  take(): JobProcess;
  /** Keeps it for the next job unless it has ended or has done its share. */
  release(process: JobProcess): void;
  /** Starts one now, so that the first job finds it warm. */
  warmUp(): void;
  close(): Promise<void>;
}

export interface ProcessPoolOptions {
  readonly command: ProcessCommand;
  /** A process is replaced after so many jobs: what one leaks must not add up. */
  readonly jobsEach: number;
  readonly graceMs: number;
}

export const createProcessPool = ({ command, jobsEach, graceMs }: ProcessPoolOptions): ProcessPool => {
  const all = new Set<JobProcess>();
  let idle: JobProcess[] = [];

  const start = (): JobProcess => {
    const process = startJobProcess(command);
    all.add(process);
    return process;
  };
  const drop = (process: JobProcess): void => {
    process.end(graceMs).then(
      () => all.delete(process),
      () => all.delete(process),
    );
  };

  return {
    take() {
      idle = idle.filter(({ isAlive }) => isAlive);
      return idle.pop() ?? start();
    },
    release(process) {
      if (process.isAlive && process.jobs < jobsEach) idle.push(process);
      else drop(process);
    },
    warmUp() {
      if (idle.length === 0) idle.push(start());
    },
    async close() {
      idle = [];
      await Promise.all([...all].map((process) => process.end(graceMs)));
      all.clear();
    },
  };
};
