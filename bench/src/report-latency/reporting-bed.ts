import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createAirflowEngine } from "@airfleet/airflow";
import { InstanceConfig, resolveInstanceConfig } from "@airfleet/model";
import {
  ensureWheel,
  findFreePorts,
  type Generation,
  type RunningAirflow,
  startAirflow,
} from "@airfleet/tools-engines";
import { type ServedAirfleet, serveAirfleet } from "../airfleet.ts";

/** Our id of the instance. */
export const INSTANCE = "real";
const KEY_ID = "of-the-bench";

/** A real Airflow with the plugin beside the built server. */
export interface ReportingBed extends AsyncDisposable {
  readonly airflow: RunningAirflow;
  readonly server: ServedAirfleet;
  readonly engine: ReturnType<typeof createAirflowEngine>;
  /** When the task of a run was done, epoch milliseconds; undefined before that. */
  taskEndedAt(runId: string): number | undefined;
  /** From now on what happens is reported. */
  startReporting(): Promise<void>;
}

const put = async (server: ServedAirfleet, publicKey: string): Promise<void> => {
  const answer = await fetch(`${server.url}/api/v1/report-sources/${INSTANCE}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ keys: [{ type: "public", key_id: KEY_ID, algorithm: "ES256", public_key: publicKey }] }),
  });
  if (!answer.ok) throw new Error(`the report source was refused: ${await answer.text()}`);
};

/** Reports nothing at first. */
export const startReportingBed = async (generation: Generation): Promise<ReportingBed> => {
  const place = mkdtempSync(path.join(tmpdir(), "airfleet-bench-reports-"));
  const ends = path.join(place, "ends");
  mkdirSync(ends);
  const { privateKey, publicKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  writeFileSync(path.join(place, "key.pem"), privateKey, { mode: 0o600 });
  const [port = 0] = await findFreePorts(1);
  const { site } = await ensureWheel();
  const airflow = await startAirflow({
    generation,
    dags: path.join(import.meta.dirname, "dags"),
    pythonPath: [site],
    environment: {
      BENCH_ENDS: ends,
      AIRFLEET_REPORTS: "false",
      AIRFLEET_URL: `http://127.0.0.1:${port}`,
      AIRFLEET_INSTANCE: INSTANCE,
      AIRFLEET_REPORT_KEY_FILE: path.join(place, "key.pem"),
      AIRFLEET_REPORT_KEY_ID: KEY_ID,
      AIRFLEET_SPOOL_DIR: path.join(place, "spool"),
    },
  });
  const { url, username, password } = airflow;
  const auth = { type: "basic", username, password } as const;
  const server = await serveAirfleet({ port, configuration: { instances: [{ id: INSTANCE, url, auth }] } });
  await put(server, publicKey);
  const config = InstanceConfig.parse({ id: INSTANCE, url, auth });
  const engine = createAirflowEngine({ config: resolveInstanceConfig(config, () => "") });
  return {
    airflow,
    server,
    engine,
    taskEndedAt: (runId) => {
      const file = path.join(ends, runId);
      return existsSync(file) ? Number(readFileSync(file, "utf8")) * 1_000 : undefined;
    },
    startReporting: async () => {
      await airflow.killComponent("scheduler", { graceMs: 4_000 });
      await airflow.startComponent("scheduler", { AIRFLEET_REPORTS: null });
    },
    [Symbol.asyncDispose]: async () => {
      await engine.close();
      await server[Symbol.asyncDispose]();
      await airflow[Symbol.asyncDispose]();
      rmSync(place, { recursive: true, force: true });
    },
  };
};
