import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createAirflowEngine } from "@airfleet/airflow";
import { InstanceConfig, type InstanceConfigInput, resolveInstanceConfig, toDagId, toRunId } from "@airfleet/model";
import { ensureWheel, type RunningAirflow, startAirflow } from "@airfleet/tools-engines";
import { loadAverage, median, round } from "./measure.ts";
import { treeCpuMs } from "./process-tree.ts";
import type { Bench, BenchRow } from "./result.ts";

/** Calls waiting at a time: the one worker of the web server always has the next. */
const IN_FLIGHT = 4;
/** A paused DAG: its runs stay queued, so that nothing but the web server works. */
const PAUSED = toDagId("af_paused");

type Opened = ReturnType<typeof createAirflowEngine> & AsyncDisposable;

const openEngine = (airflow: RunningAirflow, auth: InstanceConfigInput["auth"]): Opened => {
  const limits = { concurrency: IN_FLIGHT, timeout_ms: 60_000 };
  const config = InstanceConfig.parse({ id: "bench", url: airflow.url, auth, limits });
  const engine = createAirflowEngine({ config: resolveInstanceConfig(config, () => "") });
  return Object.assign(engine, { [Symbol.asyncDispose]: () => engine.close() });
};

interface Round {
  readonly perSecond: number;
  /** CPU milliseconds of the web server for one call. */
  readonly cpuMs: number;
}

/** Calls in a closed loop for a while. */
const measure = async (serverPid: number, watchMs: number, call: () => Promise<unknown>): Promise<Round> => {
  await call();
  const cpuBefore = treeCpuMs(serverPid);
  const startedAt = performance.now();
  let calls = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() - startedAt < watchMs) {
      await call();
      calls += 1;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  const seconds = (performance.now() - startedAt) / 1_000;
  return { perSecond: calls / seconds, cpuMs: (treeCpuMs(serverPid) - cpuBefore) / calls };
};

interface Compare {
  readonly what: string;
  readonly serverPid: number;
  readonly signed: Opened;
  readonly basic: Opened;
  readonly rounds: number;
  readonly watchMs: number;
}

/** Both in turns, so that what else the machine does meets both alike. */
const compare = async (
  { what, serverPid, signed, basic, rounds, watchMs }: Compare,
  call: (engine: Opened) => Promise<unknown>,
): Promise<readonly BenchRow[]> => {
  const ours: Round[] = [];
  const theirs: Round[] = [];
  for (let index = 0; index < rounds; index += 1) {
    theirs.push(await measure(serverPid, watchMs, () => call(basic)));
    ours.push(await measure(serverPid, watchMs, () => call(signed)));
  }
  const rate = (of: readonly Round[]): number => median(of.map(({ perSecond }) => perSecond));
  const cost = (of: readonly Round[]): number => median(of.map(({ cpuMs }) => cpuMs));
  const faster = rate(ours) / rate(theirs);
  return [
    {
      what: `${what}, per second (load ${loadAverage()})`,
      ours: `${round(rate(ours))}`,
      baseline: `${round(rate(theirs))} with basic_auth`,
      ratio: faster,
      target: "≥ 5",
      reached: faster >= 5,
    },
    {
      what: `${what}, CPU of the web server for one`,
      ours: `${round(cost(ours))} ms`,
      baseline: `${round(cost(theirs))} ms`,
      ratio: cost(ours) / cost(theirs),
      target: "≤ 0.2",
      reached: cost(ours) / cost(theirs) <= 0.2,
    },
  ];
};

/** What a signed call costs Airflow 2 beside one with a password. */
export const authBackend: Bench = {
  name: "auth-backend",
  claim: "Signed calls to a real Airflow 2.11 beside basic_auth: one web server worker, four callers",
  run: async ({ quick }) => {
    const pair = generateKeyPairSync("ed25519");
    const { site } = await ensureWheel();
    await using airflow = await startAirflow({
      generation: 2,
      pythonPath: [site],
      environment: {
        AIRFLOW__API__AUTH_BACKENDS: "airfleet.airflow.auth_backend,airflow.api.auth.backend.basic_auth",
        AIRFLEET_CALLER_PUBLIC_KEY: pair.publicKey.export({ type: "spki", format: "pem" }).toString(),
        AIRFLEET_CALLER_ALGORITHM: "EdDSA",
        AIRFLEET_CALLER_AUDIENCE: "bench",
        AIRFLEET_CALLER_USER: "admin",
      },
    });
    const serverPid = airflow.pids["webserver"];
    if (serverPid === undefined) throw new Error(`${airflow.id} has no web server`);
    // What it parses and schedules is no part of this.
    await airflow.killComponent("scheduler");
    const key = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    await using signed = openEngine(airflow, { type: "jwt", algorithm: "EdDSA", key });
    await using basic = openEngine(airflow, {
      type: "basic",
      username: airflow.username,
      password: airflow.password,
    });
    const settings = { serverPid, signed, basic, rounds: quick ? 3 : 7, watchMs: quick ? 5_000 : 10_000 };
    return [
      ...(await compare({ ...settings, what: "`GET /api/v1/dags?limit=1`" }, (engine) =>
        engine.listDags({ limit: 1 }),
      )),
      ...(await compare({ ...settings, what: "triggers" }, (engine) =>
        engine.trigger({ dagId: PAUSED, runId: toRunId(randomUUID()), conf: {} }),
      )),
    ];
  },
};
