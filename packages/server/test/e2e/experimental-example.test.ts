import { execFile } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { TriggerKey } from "@airfleet/model";
import { cacheLayout, ensureInstalled } from "@airfleet/tools-engines";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startExperimentalFleet } from "../compat/experimental-fixture.ts";
import type { SimulatedFleet } from "../support/simulated-fleet.ts";

const EXAMPLES = path.resolve(import.meta.dirname, "../../../../examples/experimental-api");
const ADMIN = { id: "local", role: "admin", instances: ["*"], sourceIp: null, requestId: null } as const;
const CONF = '{"job":{"output_folder":"/your/output/folder"}}';

let fleet: SimulatedFleet;
let python: string;
const directory = mkdtempSync(path.join(tmpdir(), "airfleet-trigger-script-"));
const secret = randomBytes(32).toString("base64url");
const files = { rsa: path.join(directory, "rsa.pem"), secret: path.join(directory, "secret") };

beforeAll(async () => {
  const layout = cacheLayout();
  const { executable } = await ensureInstalled(layout, "python", () => undefined);
  python = executable("python");
  fleet = await startExperimentalFleet();
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  writeFileSync(files.rsa, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  writeFileSync(files.secret, `${secret}\n`, { mode: 0o600 });
  const public_key = publicKey.export({ type: "spki", format: "pem" }).toString();
  const keys = [
    { type: "public", key_id: "pair", algorithm: "RS256", public_key },
    { type: "secret", key_id: "shared", algorithm: "HS256", secret },
  ];
  const key = TriggerKey.parse({ instance: "client1", dags: ["orders"], keys });
  await fleet.airfleet.control.triggerKeys.put(ADMIN, "strict", key, undefined);
  const lax = TriggerKey.parse({ instance: "client3", replay: "allow", keys: keys.slice(0, 1) });
  await fleet.airfleet.control.triggerKeys.put(ADMIN, "lax", lax, undefined);
}, 120_000);
afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

const trigger = async (...args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> => {
  const script = path.join(EXAMPLES, "trigger.py");
  try {
    const { stdout } = await promisify(execFile)(python, [script, "-d", "orders", "-c", CONF, ...args]);
    return { code: 0, text: stdout.trim() };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, text: `${stdout}${stderr}`.trim() };
  }
};

describe("the script in examples/experimental-api", () => {
  test("starts a run with a key pair and with a shared secret, by the options of the original", async () => {
    const at = ["-u", fleet.airfleet.url] as const;
    const signed = await trigger(...at, "-r", "s1", "-k", files.rsa);
    expect([signed.code, JSON.parse(signed.text)]).toEqual([0, expect.objectContaining({ run_id: "s1" })]);
    const shared = await trigger(...at, "-r", "s2", "-k", files.secret, "-a", "HS256", "--field", "token");
    expect([shared.code, JSON.parse(shared.text)]).toEqual([0, expect.objectContaining({ run_id: "s2" })]);
    expect(await trigger(...at, "-r", "s2", "-k", files.secret, "-a", "HS256")).toMatchObject({
      code: 1,
      text: '{"error":"Run id s2 already exists for dag id orders"}',
    });
  });

  test("is refused without a key, and when it signs as the original where replay is refused", async () => {
    const at = ["-u", fleet.airfleet.url] as const;
    const refused = { code: 1, text: "Failed to decrypt or data is corrupted" };
    expect(await trigger(...at, "-r", "s3")).toEqual(refused);
    expect(await trigger(...at, "-r", "s3", "-k", files.rsa, "--unnamed")).toEqual(refused);
    const base = ["-u", `${fleet.airfleet.url}/experimental/client3`] as const;
    expect(await trigger(...base, "-r", "s3", "-k", files.rsa, "--unnamed", "--key-id", "pair")).toMatchObject({
      code: 0,
    });
  });
});
