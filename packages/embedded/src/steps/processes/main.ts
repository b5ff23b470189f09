import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { boundLog } from "../bounded-log.ts";
import { carryOut } from "../carry-out.ts";
import { warmUp } from "../duckdb/locked-instance.ts";
import { createSecretValues } from "../secret-values.ts";
import { reasonOf, StepRefusal } from "../step-trouble.ts";
import { TERMINATED, type WireAnswer, type WireJob } from "./wire.ts";

/** Carries out steps for the server: DuckDB and commands live and die here. */

const ANSWERS = 3;
const stopping = new AbortController();

const send = (answer: WireAnswer): void => {
  const bytes = Buffer.from(`${JSON.stringify(answer)}\n`);
  let sent = 0;
  while (sent < bytes.length) sent += writeSync(ANSWERS, bytes, sent);
};

const carryOutJob = async (job: WireJob): Promise<void> => {
  const { id, step, inputs, memory, threads } = job;
  const secrets = createSecretValues();
  const limits = { memory, threads };
  try {
    const result = await carryOut(step, inputs, job.run_folder, {
      params: job.params,
      roots: job.roots,
      networkAllow: job.network_allow,
      limits,
      signal: stopping.signal,
      log: boundLog(job.log_characters, (line) => send({ id, log: secrets.hide(line) })),
      connection(name) {
        const found = name !== null && Object.hasOwn(job.connections, name) ? job.connections[name] : undefined;
        if (found === undefined) throw new StepRefusal(`There is no connection "${name}".`);
        secrets.add(found);
        return found;
      },
    });
    send({ id, result });
  } catch (error) {
    const code = error instanceof StepRefusal ? "STEP_REFUSED" : "STEP_FAILED";
    send({ id, error: { code, message: secrets.hide(reasonOf(error)) } });
  }
  warmUp(limits);
};

let working: Promise<void> = Promise.resolve();

const stop = async (): Promise<void> => {
  stopping.abort(new Error("The step was cancelled."));
  await working;
  process.exit(TERMINATED);
};
process.on("SIGTERM", () => void stop());

// The server is gone when the lines end: nobody waits for what is going on.
const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
lines.on("line", (line) => {
  const job = JSON.parse(line) as WireJob;
  working = working.then(() => carryOutJob(job));
});
lines.on("close", () => void stop());
