import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { countTests, reportArguments, type Runner } from "./count-tests.ts";

/** One thing the gate checks, as a command. */
export interface Step {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Installs what the command needs and answers what its environment gets besides; the step fails when it throws. */
  readonly prepare?: () => Promise<Readonly<Record<string, string>>>;
  /** A run of tests counts each of them; any other command counts as one. */
  readonly runner?: Runner;
  /** Seconds after which the step has failed. */
  readonly timeoutSeconds?: number;
}

export interface StepResult {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
}

const REPORTS = path.resolve(".cache/reports");
const running = new Set<ChildProcess>();
let isStopped = false;

/** Ends what is still running, children of children included; no other step begins after it. */
export const stopSteps = (): void => {
  isStopped = true;
  for (const child of running) if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
};

const run = async (step: Step, args: readonly string[], log: string): Promise<number> => {
  let prepared: Readonly<Record<string, string>> = {};
  try {
    prepared = (await step.prepare?.()) ?? {};
  } catch (error) {
    writeFileSync(log, `${String(error)}\n`);
    return 1;
  }
  return await new Promise((resolve) => {
    const [file, ...rest] = args;
    const child = spawn(file ?? "", rest, {
      env: { ...process.env, FORCE_COLOR: "0", ...step.env, ...prepared },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    running.add(child);
    const out = createWriteStream(log);
    child.stdout.pipe(out, { end: false });
    child.stderr.pipe(out, { end: false });
    const timer = setTimeout(
      () => {
        out.write(`\nstopped after ${step.timeoutSeconds} s\n`);
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      },
      (step.timeoutSeconds ?? 1_800) * 1_000,
    );
    const done = (code: number): void => {
      clearTimeout(timer);
      running.delete(child);
      out.end(() => resolve(code));
    };
    child.on("error", (error) => {
      out.write(`${error.message}\n`);
      done(1);
    });
    child.on("close", (code) => done(code ?? 1));
  });
};

/** Runs one step, keeps its output in `.cache/reports`, and prints it only when it failed. */
export const runStep = async (step: Step): Promise<StepResult> => {
  if (isStopped) return { name: step.name, passed: 0, failed: 1, seconds: 0 };
  mkdirSync(REPORTS, { recursive: true });
  const slug = step.name.replaceAll(/[^a-z0-9]+/gi, "-");
  const log = path.join(REPORTS, `${slug}.log`);
  const report = path.join(REPORTS, `${slug}.${step.runner === "pytest" ? "xml" : "json"}`);
  rmSync(report, { force: true });
  const reporters = step.runner === undefined ? [] : reportArguments(step.runner, report);
  const started = performance.now();
  const code = await run(step, [...step.command, ...reporters], log);
  const seconds = (performance.now() - started) / 1_000;
  let counts = { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
  if (step.runner !== undefined) {
    try {
      counts = countTests(step.runner, report);
    } catch {
      counts = { passed: 0, failed: 1 };
    }
    // An unhandled rejection fails the run although every test passed; a run of no test proves nothing.
    if (counts.failed === 0 && (code !== 0 || counts.passed === 0)) counts = { ...counts, failed: 1 };
  }
  const mark = counts.failed === 0 ? "ok  " : "FAIL";
  process.stdout.write(
    `${mark} ${step.name} (${counts.passed} passed, ${counts.failed} failed, ${seconds.toFixed(1)} s)\n`,
  );
  if (counts.failed > 0) process.stdout.write(`${tail(readFileSync(log, "utf8"))}\n`);
  return { name: step.name, ...counts, seconds };
};

const tail = (text: string): string =>
  text
    .split("\n")
    .slice(-120)
    .map((line) => `     ${line}`)
    .join("\n");
