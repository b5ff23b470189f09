import { execFile } from "node:child_process";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { ReportSource, toInstanceId } from "@airfleet/model";
import { cacheLayout, ensureInstalled } from "@airfleet/tools-engines";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SimulatedFleet, startSimulatedFleet } from "../support/simulated-fleet.ts";

const EXAMPLES = path.resolve(import.meta.dirname, "../../../../examples/reports");
const ADMIN = { id: "local", role: "admin", instances: ["*"], sourceIp: null, requestId: null } as const;

let fleet: SimulatedFleet;
let python: string;
const directory = mkdtempSync(path.join(tmpdir(), "airfleet-report-example-"));
const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });

const pemOf = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();
const keep = (name: string, key: KeyObject): string => {
  const file = path.join(directory, name);
  writeFileSync(file, key.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  return file;
};
const files = { rsa: keep("rsa.pem", rsa.privateKey), ec: keep("ec.pem", ec.privateKey) };

beforeAll(async () => {
  const { executable } = await ensureInstalled(cacheLayout(), "python", () => undefined);
  python = executable("python");
  fleet = await startSimulatedFleet();
  const keys = [
    { type: "public", key_id: "rsa", algorithm: "RS256", public_key: pemOf(rsa.publicKey) },
    { type: "public", key_id: "ec", algorithm: "ES256", public_key: pemOf(ec.publicKey) },
  ];
  const { reportSources } = fleet.airfleet.control;
  await reportSources.put(ADMIN, toInstanceId("client1"), ReportSource.parse({ keys }), undefined);
}, 120_000);
afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

const run = async (command: string, args: readonly string[], key: keyof typeof files) => {
  const env = {
    ...process.env,
    AIRFLEET_URL: fleet.airfleet.url,
    AIRFLEET_INSTANCE: "client1",
    AIRFLEET_REPORT_KEY_FILE: files[key],
    AIRFLEET_REPORT_KEY_ID: key,
  };
  const { stdout } = await promisify(execFile)(command, args, { env, cwd: EXAMPLES });
  return JSON.parse(stdout) as { readonly items: readonly { readonly run: string }[] };
};

const accepted = { accepted: 1, duplicates: 0, rejected: 0 };

const arrived = () => fleet.airfleet.control.reportSources.arrivals(undefined).arrivals.at(-1);

describe("the senders in examples/reports", () => {
  test("the one in Python reports a run and a task, each once", async () => {
    const script = ["send_report.py", "--dag", "orders", "--run", "r1"];
    expect(await run(python, [...script, "--state", "running"], "ec")).toMatchObject(accepted);
    const task = [...script, "--task", "load", "--state", "up_for_retry", "--try", "2", "--event-id", "event-0001"];
    expect(await run(python, task, "ec")).toMatchObject(accepted);
    expect(arrived()).toMatchObject({ runId: "r1", taskId: "load", state: "up_for_retry", format: "native" });
    expect(await run(python, task, "ec")).toMatchObject({ accepted: 0, duplicates: 1 });
  });

  test("the one of curl and openssl reports a run", async () => {
    expect(await run("sh", ["send-report.sh", "orders", "r2", "failed"], "rsa")).toMatchObject(accepted);
    expect(arrived()).toMatchObject({ runId: "r2", state: "failed" });
  });

  test("fail when they are refused", async () => {
    await expect(
      run(python, ["send_report.py", "--dag", "d", "--run", "r", "--state", "x"], "ec"),
    ).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining("REPORT_INVALID") });
    const wrong = { ...process.env, AIRFLEET_URL: fleet.airfleet.url, AIRFLEET_INSTANCE: "client1" };
    const env = { ...wrong, AIRFLEET_REPORT_KEY_FILE: files.rsa, AIRFLEET_REPORT_KEY_ID: "ec" };
    await expect(
      promisify(execFile)("sh", ["send-report.sh", "d", "r", "failed"], { env, cwd: EXAMPLES }),
    ).rejects.toMatchObject({ stdout: expect.stringContaining("REPORT_SIGNATURE_INVALID") });
  });
});
