import { execFile } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { toDagId, toInstanceId, toRunId, TriggerKey } from "@airfleet/model";
import { cacheLayout, ensureInstalled, isEngineToolError, type RunningAirflow } from "@airfleet/tools-engines";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { takeAirflow } from "../../../airflow/test/conformance/instance-under-trial.ts";
import { type Airfleet, startAirfleet } from "../../src/index.ts";
import { memoryLogger } from "../support/serve.ts";
import { askAt } from "./experimental-fixture.ts";

const ADMIN = { id: "system", role: "admin", instances: ["*"], sourceIp: null, requestId: null } as const;
const EXAMPLE = path.resolve(import.meta.dirname, "../../../../examples/experimental-api/trigger.py");
const GENERATIONS = [2, 3] as const;
/** Airflow's command takes seconds to load, and much more on a machine that does much else. */
const SLOW = 600_000;
const PATIENCE = { timeout: 150_000, interval: 500 };
const CONF = '{"job":{"output_folder":"/your/output/folder"}}';
const DAG = "af_ok";

const run = promisify(execFile);
const airflows = new Map<number, RunningAirflow>();
const directory = mkdtempSync(path.join(tmpdir(), "airfleet-real-experimental-"));
const keyFile = path.join(directory, "private.pem");
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const public_key = publicKey.export({ type: "spki", format: "pem" }).toString();

/** Two servers over the same instances: one that asks for no login, and one that does. */
let local: Airfleet;
let guarded: Airfleet;
let token: string;
let python: string;

const start = async (name: string, settings: object): Promise<Airfleet> => {
  const cwd = path.join(directory, name);
  const instances = [...airflows].map(([generation, { url, username, password }]) => ({
    id: `af${generation}`,
    url,
    auth: { type: "basic", username, password },
  }));
  const file = path.join(directory, `${name}.yaml`);
  const experimental = { default_instance: "af2" };
  // Nothing is polled: what is answered must have been read when it was asked for.
  writeFileSync(file, JSON.stringify({ instances, experimental, poll: { enabled: false }, ...settings }), {
    mode: 0o600,
  });
  return startAirfleet({
    source: { cwd: directory, env: {}, flags: { port: 0, config: file, dataDir: cwd } },
    logger: memoryLogger([]),
  });
};

beforeAll(async () => {
  for (const generation of GENERATIONS) airflows.set(generation, await takeAirflow(generation));
  python = (await ensureInstalled(cacheLayout(), "python", () => undefined)).executable("python");
  local = await start("local", {});
  guarded = await start("guarded", { server: { auth: { mode: "token" } } });
  const request = { name: "old", role: "admin", instances: ["*"], expiresInDays: 1 } as const;
  token = (await guarded.control.access.createToken(ADMIN, request)).plain;
  writeFileSync(keyFile, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
});
afterAll(async () => {
  await local.close();
  await guarded.close();
  rmSync(directory, { recursive: true, force: true });
  for (const airflow of airflows.values()) await airflow[Symbol.asyncDispose]();
});

const newId = (what: string): string => `exp_${what}_${randomBytes(5).toString("hex")}`;

/** The request line of the old document, with curl and as it is written there. */
const curl = async (base: string, runId: string): Promise<string> => {
  const data = `{"run_id":"${runId}","conf":"{\\"job\\":{\\"output_folder\\":\\"/your/output/folder\\"}}"}`;
  const { stdout } = await run("curl", [
    "--silent",
    "--header",
    "Content-Type: application/json",
    "--request",
    "POST",
    "--data",
    data,
    `${base}/api/experimental/dags/${DAG}/dag_runs`,
  ]);
  return stdout;
};

const script = async (...args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> => {
  try {
    return { code: 0, text: (await run(python, [EXAMPLE, "-k", keyFile, ...args])).stdout.trim() };
  } catch (error) {
    const { code, stdout } = error as { readonly code: number; readonly stdout: string };
    return { code, text: stdout.trim() };
  }
};

/** The command of Airflow 2.11 itself, which then asks us instead of its database. */
const command = async (
  args: readonly string[],
  { endpoint, level = "INFO" }: { readonly endpoint: string; readonly level?: string },
): Promise<string> => {
  const airflow = airflows.get(2);
  if (airflow === undefined) throw new Error("there is no Airflow 2");
  return airflow.command(args, {
    AIRFLOW__CLI__API_CLIENT: "airflow.api.client.json_client",
    AIRFLOW__CLI__ENDPOINT_URL: endpoint,
    AIRFLOW__LOGGING__LOGGING_LEVEL: level,
  });
};

const failureOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (isEngineToolError(error, "COMMAND_FAILED")) return String(error.details["tail"]);
    throw error;
  }
  return "it did not fail";
};

/** The address of a server with a login in it. */
const endpointOf = ({ url }: Airfleet, login: string): string => url.replace("//", `//${login}`);

describe.each(GENERATIONS)("before a real Airflow %i", (generation) => {
  const instance = `af${generation}`;
  const baseOf = ({ url }: Airfleet): string => `${url}/experimental/${instance}`;

  test("the curl line of the document starts a run, which is found by its date until it has ended", async () => {
    const base = baseOf(local);
    const ask = askAt(`${base}/api/experimental`);
    const runId = newId("curl");
    const answer = JSON.parse(await curl(base, runId)) as { message: string; execution_date: string; run_id: string };
    const { execution_date: date } = answer;
    expect(answer).toEqual({
      message: `Created <DagRun ${DAG} @ ${date.replace("T", " ")}: ${runId}, externally triggered: True>`,
      execution_date: date,
      run_id: runId,
    });
    expect(JSON.parse(await curl(base, runId))).toEqual({
      error: `Run id ${runId} already exists for dag id ${DAG}`,
    });
    const stored = await local.control.live.run(toInstanceId(instance), {
      dagId: toDagId(DAG),
      runId: toRunId(runId),
    });
    expect(stored.conf).toEqual(JSON.parse(CONF));
    const place = `/dags/${DAG}/dag_runs/${encodeURIComponent(date)}`;
    await vi.waitFor(async () => expect((await ask("GET", place)).body).toEqual({ state: "success" }), PATIENCE);
    expect((await ask("GET", `${place}/tasks/a`)).body).toMatchObject({
      task_id: "a",
      state: "success",
      run_id: runId,
      execution_date: date.replace("T", " "),
    });
    expect((await ask("GET", `/dags/${DAG}/dag_runs?state=success`)).body).toContainEqual(
      expect.objectContaining({ run_id: runId, execution_date: date }),
    );
    expect((await ask("GET", "/latest_runs")).text).toContain(DAG);
  });

  test("what is not there is told in the original's words", async () => {
    const ask = askAt(`${baseOf(local)}/api/experimental`);
    expect(await ask("POST", "/dags/af_nope/dag_runs", { run_id: newId("no") })).toMatchObject({
      status: 404,
      body: { error: "Dag id af_nope not found" },
    });
    expect(await ask("GET", `/dags/${DAG}/dag_runs/2001-01-01T00:00:00`)).toMatchObject({
      status: 404,
      body: { error: `Dag Run for date 2001-01-01 00:00:00+00:00 not found in dag ${DAG}` },
    });
    expect(await ask("GET", `/dags/${DAG}/dag_runs/2001-01-01T00:00:00/tasks/a`)).toMatchObject({ status: 404 });
    expect(await ask("GET", `/dags/${DAG}/tasks/nope`)).toMatchObject({ status: 404 });
    expect((await ask("GET", `/dags/${DAG}/tasks/a`)).body).toMatchObject({ task_id: "a" });
    expect((await ask("GET", `/dags/${DAG}/code`)).text).toContain("af_ok");
    expect((await ask("GET", "/info")).body).toEqual({ version: airflows.get(generation)?.version });
  });

  test("many runs with ids of their own are started in one second, each once", async () => {
    const ask = askAt(`${baseOf(local)}/api/experimental`);
    const ids = Array.from({ length: 4 }, () => newId("many"));
    const answers = await Promise.all(
      [...ids, ...ids].map((run_id) => ask("POST", `/dags/${DAG}/dag_runs`, { run_id })),
    );
    const statuses = answers.map(({ status }) => status).sort((a, b) => a - b);
    expect(statuses).toEqual([200, 200, 200, 200, 400, 400, 400, 400]);
  });

  test("the old script's requests start a run when they are signed, and none when they are not", async () => {
    const { triggerKeys } = guarded.control;
    const key = TriggerKey.parse({
      instance,
      dags: [DAG],
      replay: "allow",
      keys: [{ type: "public", key_id: "k1", algorithm: "RS256", public_key }],
    });
    const { version } = await triggerKeys.put(ADMIN, `real-${generation}`, key, undefined);
    try {
      const base = baseOf(guarded);
      const refused = "Failed to decrypt or data is corrupted";
      expect(await curl(base, newId("unsigned"))).toBe(refused);
      const runId = newId("signed");
      const options = ["-d", DAG, "-r", runId, "-c", CONF, "-u", base, "--unnamed"] as const;
      const started = await script(...options);
      expect([started.code, started.text]).toEqual([0, expect.stringContaining(`"run_id":"${runId}"`)]);
      expect(await script(...options, "--field", "token")).toEqual({
        code: 1,
        text: `{"error":"Run id ${runId} already exists for dag id ${DAG}"}`,
      });
      expect(await script("-d", "af_params", ...options.slice(2))).toEqual({ code: 1, text: refused });
    } finally {
      await triggerKeys.remove(ADMIN, `real-${generation}`, version);
    }
  });

  test("pools and DAGs are written, read and deleted", async () => {
    const ask = askAt(`${baseOf(local)}/api/experimental`);
    const name = newId("pool");
    const pool = { pool: name, slots: 2, description: "few", include_deferred: true };
    expect((await ask("POST", "/pools", { name, slots: 2, description: "few", include_deferred: true })).body).toEqual(
      pool,
    );
    expect((await ask("GET", "/pools")).body).toContainEqual(pool);
    expect(await ask("DELETE", `/pools/${name}`)).toMatchObject({ status: 200, body: pool });
    expect(await ask("GET", `/pools/${name}`)).toMatchObject({ status: 404 });
    expect(await ask("DELETE", "/dags/af_nope")).toMatchObject({ status: 404 });
  });
});

describe("Airflow 2.11's own command, with json_client", { timeout: SLOW }, () => {
  test("starts runs before both generations, without a login in local mode", async () => {
    for (const [login, instance] of [
      ["", "af2"],
      ["instance=af3@", "af3"],
    ] as const) {
      const runId = newId("cli");
      const said = await command(["dags", "trigger", DAG, "--run-id", runId, "--conf", '{"a": 1}'], {
        endpoint: endpointOf(local, login),
      });
      expect(said).toContain(runId);
      const stored = await local.control.live.run(toInstanceId(instance), {
        dagId: toDagId(DAG),
        runId: toRunId(runId),
      });
      expect(stored.conf).toEqual({ a: 1 });
    }
    const failed = await failureOf(command(["dags", "trigger", "af_nope"], { endpoint: local.url }));
    expect(failed).toContain("Dag id af_nope not found");
  });

  test("logs in by its Basic login, and is told when that is wrong", async () => {
    const runId = newId("cli");
    const args = ["dags", "trigger", DAG, "--run-id", runId] as const;
    const quiet = { endpoint: endpointOf(guarded, `instance=af3:${token}@`), level: "WARNING" };
    const said = await command(args, quiet);
    expect(said).toContain(runId);
    expect(said).not.toContain(token);
    expect(await failureOf(command(args, quiet))).toContain(`Run id ${runId} already exists for dag id ${DAG}`);
    expect(await failureOf(command(args, { endpoint: endpointOf(guarded, "airflow:aft_wrong@") }))).toContain(
      "The token is not known here",
    );
    expect(await failureOf(command(args, { endpoint: guarded.url }))).toContain("This server needs a token");
  });

  test("writes and deletes pools, and deletes a DAG whose file is gone", async () => {
    const airflow = airflows.get(2);
    if (airflow === undefined) throw new Error("there is no Airflow 2");
    const endpoint = local.url;
    const pool = newId("pool");
    expect(await command(["pools", "set", pool, "3", "few"], { endpoint })).toContain(`Pool ${pool} created`);
    const ask = askAt(`${local.url}/api/experimental`);
    expect((await ask("GET", `/pools/${pool}`)).body).toMatchObject({ slots: 3, description: "few" });
    expect(await command(["pools", "delete", pool], { endpoint })).toContain(`Pool ${pool} deleted`);

    const dagId = newId("dag");
    const file = path.join(airflow.dagsFolder, `${dagId}.py`);
    writeFileSync(file, `from airflow import DAG\nwith DAG(dag_id="${dagId}", schedule=None):\n    pass\n`);
    try {
      await vi.waitFor(async () => {
        expect((await ask("GET", `/dags/${dagId}/paused`)).status).toBe(200);
      }, PATIENCE);
    } finally {
      rmSync(file);
    }
    expect(await command(["dags", "delete", dagId, "--yes"], { endpoint })).toContain("Removed 1 record(s)");
  });
});
