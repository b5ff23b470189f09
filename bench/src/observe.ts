import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { cacheLayout, ensureInstalled } from "@airfleet/tools-engines";
import { z } from "zod";
import { startChild } from "./child.ts";
import { median, round } from "./measure.ts";
import type { Bench, BenchRow } from "./result.ts";

const DAGS = 20;
const LATENCY_MS = 20;
const TASKS_PER_RUN = 4;
const HERE = path.join(import.meta.dirname, "observe");
const SOURCE = "--conditions=@airfleet/source";

const Announced = z.object({ control: z.string(), url: z.string(), username: z.string(), password: z.string() });
const Observed = z.object({ ms: z.number(), cpuMs: z.number(), runs: z.number() });
const Calls = z.object({ calls: z.number() });

interface Measured extends z.output<typeof Observed> {
  readonly calls: number;
}

/** An Airflow that has just finished these runs, for one observer to look at. */
const finishedRuns = async (runs: number) => {
  const args = [SOURCE, path.join(HERE, "finished-runs.ts"), String(runs), String(DAGS), String(LATENCY_MS)];
  const child = await startChild({ args, ready: /^\{"control"/ });
  const announced = Announced.parse(JSON.parse(child.readyLine));
  const counter = `${announced.control}/calls`;
  return {
    ...announced,
    forget: () => fetch(counter, { method: "POST" }).then((answer) => answer.text()),
    calls: async () => Calls.parse(await (await fetch(counter)).json()).calls,
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
};

/** Starts an observer, and asks it a line at a time. */
const startObserver = (command: string, args: readonly string[]) => {
  const child = spawn(command, [...args], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`${args.join(" ")} ended too early`);
    return value;
  };
  return {
    next,
    tell: (line: string) => child.stdin.write(`${line}\n`),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
};

const observeByAirfleet = async (runs: number): Promise<Measured> => {
  await using observer = startObserver(process.execPath, [SOURCE, path.join(HERE, "observing-airfleet.ts")]);
  await observer.next();
  await using airflow = await finishedRuns(runs);
  observer.tell(`${airflow.url} ${airflow.username} ${airflow.password} ${runs}`);
  const seen = Observed.extend({ tasks: z.number() }).parse(JSON.parse(await observer.next()));
  if (seen.runs !== runs || seen.tasks !== runs * TASKS_PER_RUN) {
    throw new Error(`Airfleet saw ${seen.runs} runs with ${seen.tasks} tasks instead of ${runs}`);
  }
  return { ...seen, calls: await airflow.calls() };
};

const observeByAirlift = async (python: string, runs: number): Promise<Measured> => {
  await using observer = startObserver(python, [path.join(HERE, "observing-airlift.py")]);
  await observer.next();
  await using airflow = await finishedRuns(runs);
  observer.tell(`${airflow.url} ${airflow.username} ${airflow.password} ${DAGS}`);
  await observer.next();
  await airflow.forget();
  observer.tell("go");
  const seen = Observed.parse(JSON.parse(await observer.next()));
  if (seen.runs === 0) throw new Error("dagster-airlift saw no runs at all");
  // A tick of it ends by itself after forty seconds and leaves the rest for the next one: what that would take as well.
  const whole = runs / seen.runs;
  const calls = await airflow.calls();
  return { runs: seen.runs, ms: seen.ms * whole, cpuMs: seen.cpuMs * whole, calls: Math.round(calls * whole) };
};

const rows = (runs: number, ours: readonly Measured[], theirs: readonly Measured[]): readonly BenchRow[] => {
  const [our, their] = [median(ours.map(({ ms }) => ms)), median(theirs.map(({ ms }) => ms))];
  const [ourCalls, theirCalls] = [median(ours.map(({ calls }) => calls)), median(theirs.map(({ calls }) => calls))];
  const [ourCpu, theirCpu] = [median(ours.map(({ cpuMs }) => cpuMs)), median(theirs.map(({ cpuMs }) => cpuMs))];
  const fewest = Math.min(...theirs.map((one) => one.runs));
  const cut = fewest < runs ? `, from ticks that ended after ${fewest}` : "";
  const what = `${runs} finished runs of ${TASKS_PER_RUN} tasks, ${LATENCY_MS} ms away`;
  return [
    {
      what: `${what}: calls`,
      ours: String(ourCalls),
      baseline: String(theirCalls),
      ratio: theirCalls / ourCalls,
      target: "≥ 40 times fewer",
      reached: theirCalls / ourCalls >= 40,
    },
    {
      what: `${what}: time until all is kept`,
      ours: `${round(our)} ms`,
      baseline: `${round(their)} ms${cut}`,
      ratio: their / our,
      target: "≥ 50 times less",
      reached: their / our >= 50,
    },
    {
      what: `${what}: CPU of the observer`,
      ours: `${round(ourCpu)} ms`,
      baseline: `${round(theirCpu)} ms`,
      ratio: theirCpu / ourCpu,
      target: "-",
      reached: true,
    },
  ];
};

/** G2: observing what finished, beside the sensor of dagster-airlift on the same simulated Airflow 2. */
export const observe: Bench = {
  name: "observe",
  claim: "Observing finished runs with their tasks beside dagster-airlift's own sensor",
  run: async ({ quick }) => {
    const runs = quick ? 200 : 1_000;
    const environment = await ensureInstalled(cacheLayout(), "airlift", (line) => process.stderr.write(`${line}\n`));
    const [ours, theirs]: [Measured[], Measured[]] = [[], []];
    for (let repetition = 0; repetition < 3; repetition += 1) {
      ours.push(await observeByAirfleet(runs));
      theirs.push(await observeByAirlift(environment.executable("python"), runs));
    }
    return rows(runs, ours, theirs);
  },
};
