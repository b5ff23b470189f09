import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Engine } from "@airfleet/engine";
import { isTerminalRunState, type Run, type RunAddress, toDagId, toRunId } from "@airfleet/model";
import type { Generation } from "@airfleet/tools-engines";
import { expect, vi } from "vitest";
import { type Airfleet, startAirfleet } from "../../src/index.ts";
import { memoryLogger } from "../support/serve.ts";
import { type FaultyLine, startFaultyLine } from "./faulty-line.ts";
import { type GatedAirflow, startGatedAirflow } from "./gated-airflow.ts";
import { type ReportingAirflow, startReportingAirflow } from "./reporting-airflow.ts";

/** A run as our API shows it. */
export interface ShownRun {
  readonly id: string;
  readonly dag_id: string;
  readonly dag_run_id: string;
  readonly state: string;
  readonly discovered_by: string;
  readonly reported: { readonly progress: number | null } | null;
}

interface Message {
  readonly run?: { readonly state: string };
  readonly task?: {
    readonly task_id: string;
    readonly map_index: number;
    readonly try_number: number;
    readonly state: string;
  };
}

/** One Airflow of the fleet, with its plugin. */
export interface Reported extends AsyncDisposable {
  /** Its id in the fleet. */
  readonly id: string;
  readonly generation: Generation;
  readonly reporting: ReportingAirflow;
  readonly engine: Engine;
  readonly gate: GatedAirflow;
  readonly key: { readonly privatePem: string; readonly publicPem: string };
  /** Starts a run in Airflow itself. */
  start(dagId: string, logicalDate?: string): Promise<RunAddress>;
  /** Waits until Airflow says that the run has ended. */
  ended(run: RunAddress): Promise<Run>;
}

/** A real Airflow of each generation that reports to a real server, with faults to choose in between. */
export interface ReportedFleet extends AsyncDisposable {
  readonly reported: readonly Reported[];
  /** The only way from the plugins to the server. */
  readonly line: FaultyLine;
  readonly log: string[];
  ask<Answer>(route: string, init?: RequestInit): Promise<Answer>;
  /** Undefined while we do not know it. */
  find(instance: Reported, run: RunAddress): Promise<ShownRun | undefined>;
  /** What was reported of a run, in few words: `run success`, `work#1 failed`, `each[2]#1 success`. */
  told(instance: Reported, run: RunAddress): Promise<readonly string[]>;
  /** Ends the server and starts it on the same store, at another address. */
  restartServer(): Promise<void>;
}

const ENDS_WITHIN = { timeout: 150_000, interval: 700 };
const KEY_ID = "of-the-test";
/** Silence that no test waits for: a stop has to find out by other signs that a process is gone. */
const PRESUME_GONE_SECONDS = 3_600;
/** Workers of Airflow 3 have another name than this host, so that nobody looks at their processes by pid. */
const ELSEWHERE = { AIRFLOW__CORE__HOSTNAME_CALLABLE: "elsewhere.hostname" };

const newKey = (): Reported["key"] =>
  ((pair) => ({ privatePem: pair.privateKey, publicPem: pair.publicKey }))(
    generateKeyPairSync("ec", {
      namedCurve: "P-256",
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    }),
  );

const startReported = async (
  generation: Generation,
  { line, directory, settings }: { line: FaultyLine; directory: string; settings: Readonly<Record<string, string>> },
): Promise<Reported> => {
  const id = `af${generation}`;
  const key = newKey();
  const keyFile = path.join(directory, `${id}.pem`);
  writeFileSync(keyFile, key.privatePem, { mode: 0o600 });
  const reporting = await startReportingAirflow(generation, {
    AIRFLEET_URL: line.url,
    AIRFLEET_INSTANCE: id,
    AIRFLEET_REPORT_KEY_FILE: keyFile,
    AIRFLEET_REPORT_KEY_ID: KEY_ID,
    // A fault is over sooner than with the shipped patience.
    AIRFLEET_TIMEOUT_SECONDS: "3",
    AIRFLEET_BACKOFF_CAP_SECONDS: "2",
    ...(generation === 3 ? ELSEWHERE : {}),
    ...settings,
  });
  const gate = await startGatedAirflow(reporting.airflow.url);
  return {
    id,
    generation,
    reporting,
    engine: reporting.engine,
    gate,
    key,
    start: async (dagId, logicalDate) => {
      const address = { dagId: toDagId(dagId), runId: toRunId(`rp-${randomBytes(6).toString("hex")}`) };
      await reporting.engine.trigger({ ...address, conf: {}, ...(logicalDate === undefined ? {} : { logicalDate }) });
      return address;
    },
    ended: (run) =>
      vi.waitFor(async () => {
        const read = await reporting.engine.getRun(run);
        if (!isTerminalRunState(read.state)) throw new Error(`${id}: ${run.runId} is ${read.state}`);
        return read;
      }, ENDS_WITHIN),
    [Symbol.asyncDispose]: async () => {
      await gate[Symbol.asyncDispose]();
      await reporting[Symbol.asyncDispose]();
    },
  };
};

const toWords = ({ run, task }: Message): string => {
  if (task === undefined) return `run ${run?.state}`;
  const place = task.map_index < 0 ? task.task_id : `${task.task_id}[${task.map_index}]`;
  return `${place}#${task.try_number} ${task.state}`;
};

/** @param settings More of the plugins' own. */
export const startReportedFleet = async (
  generations: readonly Generation[],
  settings: Readonly<Record<string, string>> = {},
): Promise<ReportedFleet> => {
  const directory = mkdtempSync(path.join(tmpdir(), "airfleet-reported-"));
  const line = await startFaultyLine();
  const reported = await Promise.all(
    generations.map((generation) => startReported(generation, { line, directory, settings })),
  );
  const instances = reported.map(({ id, gate, reporting: { airflow } }) => ({
    id,
    url: gate.url,
    auth: { type: "basic", username: airflow.username, password: airflow.password },
    limits: { presume_gone_seconds: PRESUME_GONE_SECONDS },
  }));
  writeFileSync(path.join(directory, "airfleet.yaml"), JSON.stringify({ instances }), { mode: 0o600 });
  const log: string[] = [];
  const start = async (): Promise<Airfleet> => {
    const started = await startAirfleet({
      source: { cwd: directory, env: {}, flags: { port: 0 } },
      logger: memoryLogger(log),
    });
    line.connectTo(started.url);
    return started;
  };
  let server = await start();

  const ask: ReportedFleet["ask"] = async <Answer>(route: string, init: RequestInit = {}) => {
    const headers = init.body === undefined ? {} : { "content-type": "application/json" };
    const answer = await fetch(`${server.url}/api/v1${route}`, { headers, ...init });
    const body: unknown = await answer.json();
    expect({ route, status: answer.status, body }).toMatchObject({ status: expect.toSatisfy((code) => code < 300) });
    return body as Answer;
  };
  const find: ReportedFleet["find"] = async ({ id }, { runId }) => {
    const { items } = await ask<{ items: readonly ShownRun[] }>(`/runs?instance=${id}&run_id=${runId}`);
    return items[0];
  };
  for (const { id, key } of reported) {
    const keys = [{ type: "public", key_id: KEY_ID, algorithm: "ES256", public_key: key.publicPem }];
    await ask(`/report-sources/${id}`, { method: "PUT", body: JSON.stringify({ keys }) });
  }

  return {
    reported,
    line,
    log,
    ask,
    find,
    told: async (instance, address) => {
      const run = await find(instance, address);
      if (run === undefined) return [];
      const { items } = await ask<{ items: readonly { readonly message: Message }[] }>(
        `/runs/${run.id}/reports?limit=500`,
      );
      return items.map(({ message }) => toWords(message));
    },
    restartServer: async () => {
      await server.close();
      server = await start();
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.allSettled(reported.map((each) => each[Symbol.asyncDispose]()));
      await server.close();
      await line[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};
