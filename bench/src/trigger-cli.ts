import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  attachAirflow,
  cacheLayout,
  findFreePorts,
  type Generation,
  type RunningAirflow,
  startAirflow,
} from "@airfleet/tools-engines";
import { z } from "zod";
import { serveAirfleet } from "./airfleet.ts";
import { waitUntilSwept } from "./fanout/wait-until-swept.ts";
import { median, round } from "./measure.ts";
import type { Bench, BenchRow } from "./result.ts";
import { type Taken, timedCommand } from "./trigger-cli/timed-command.ts";

const CLI = path.resolve(import.meta.dirname, "../../packages/cli/dist/main.js");
/** Already there in the engines' DAG folder: one quick task. */
const DAG = "af_ok";
const TARGET = 10;

const Shared = z.array(z.object({ id: z.string(), generation: z.union([z.literal(2), z.literal(3)]) }));
const State = z.object({ program: z.string(), environment: z.record(z.string(), z.string()) });

/** One that other benches use as well (ids in AIRFLEET_ENGINES), else one of our own. */
const takeAirflow = (generation: Generation): Promise<RunningAirflow> => {
  const shared = Shared.parse(JSON.parse(process.env["AIRFLEET_ENGINES"] ?? "[]"));
  const known = shared.find((engine) => engine.generation === generation);
  return known === undefined ? startAirflow({ generation }) : attachAirflow(known.id);
};

/** The environment in which the engine's own command works, without that of this process but for the ordinary. */
const commandOf = ({ id }: RunningAirflow): { readonly program: string; readonly env: NodeJS.ProcessEnv } => {
  const file = path.join(cacheLayout().run, id, "state.json");
  const { program, environment } = State.parse(JSON.parse(readFileSync(file, "utf8")));
  const { PATH = "", HOME = "" } = process.env;
  return { program, env: { PATH, HOME, ...environment } };
};

const toRows = (generation: Generation, ours: readonly Taken[], theirs: readonly Taken[]): readonly BenchRow[] =>
  (["wallMs", "cpuMs"] as const).map((of) => {
    const own = median(ours.map((taken) => taken[of]));
    const their = median(theirs.map((taken) => taken[of]));
    const spread = (samples: readonly Taken[]): string =>
      samples
        .map((taken) => round(taken[of], 0))
        .sort((a, b) => a - b)
        .join(" ");
    const isBar = of === "wallMs";
    return {
      what: `Airflow ${generation}: ${isBar ? "start to exit" : "CPU of the process"}, p50 of ${ours.length} (${spread(ours)}; ${spread(theirs)})`,
      ours: `airfleet trigger: ${round(own, 0)} ms`,
      baseline: `airflow dags trigger: ${round(their, 0)} ms`,
      ratio: round(their / own, 1),
      target: isBar ? `≥ ${TARGET}×` : "told only",
      reached: !isBar || their / own >= TARGET,
    };
  });

const measure = async (generation: Generation, rounds: number): Promise<readonly BenchRow[]> => {
  await using airflow = await takeAirflow(generation);
  const [port] = await findFreePorts(1);
  if (port === undefined) throw new Error("no port is free");
  const { url, username, password } = airflow;
  const instances = [{ id: "real", url, auth: { type: "basic", username, password } }];
  await using airfleet = await serveAirfleet({
    port,
    configuration: { server: { log_level: "warn" }, instances },
  });
  await waitUntilSwept(airfleet.url);
  const cwd = mkdtempSync(path.join(tmpdir(), "airfleet-bench-"));
  const errors = path.join(cwd, "stderr");
  const { program, env } = commandOf(airflow);
  const { PATH = "", HOME = "" } = process.env;
  const ours: Taken[] = [];
  const theirs: Taken[] = [];
  try {
    // The first round fills the caches of Node and Python, as a user's first command does, and does not count.
    for (let turn = 0; turn <= rounds; turn += 1) {
      const id = `bench_${process.pid}_${turn}`;
      const own = await timedCommand(
        [process.execPath, CLI, "trigger", DAG, "--instance", "real", "--run-id", `${id}_ours`],
        { env: { PATH, HOME, AIRFLEET_URL: airfleet.url }, cwd, errors },
      );
      const their = await timedCommand([program, "dags", "trigger", DAG, "--run-id", `${id}_theirs`], {
        env,
        cwd,
        errors,
      });
      if (turn === 0) continue;
      ours.push(own);
      theirs.push(their);
    }
  } catch (error) {
    throw new Error(`a command failed:\n${readFileSync(errors, "utf8").slice(-2_000)}`, { cause: error });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
  return toRows(generation, ours, theirs);
};

/** A trigger from the command line, from the start of the process to its end, beside Airflow's own command by turns. */
export const triggerCli: Bench = {
  name: "trigger-cli",
  claim: "`airfleet trigger` beside `airflow dags trigger`",
  async run({ quick }) {
    const rounds = quick ? 3 : 9;
    return [...(await measure(2, rounds)), ...(await measure(3, rounds))];
  },
};
