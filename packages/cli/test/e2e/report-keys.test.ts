import { spawn } from "node:child_process";
import { createHash, createPrivateKey, randomUUID, sign } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { CLI_ARGS, cleanEnvironment, type CliResult, runCli, temporaryDirectory } from "../support/run-cli.ts";
import { serve } from "../support/serve.ts";

interface Connected {
  readonly key_id: string;
  readonly key_file: string;
  readonly environment: Readonly<Record<string, string>>;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A JWS with the key in a file, as its sender makes it. */
const signWith = (file: string, header: object, claims: object): string => {
  const text = `${encode({ typ: "JWT", ...header })}.${encode(claims)}`;
  const key = createPrivateKey(readFileSync(file));
  return `${text}.${sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
};

/** Posts one report as the environment that was printed says. */
const report = async (environment: Connected["environment"], runId: string): Promise<Response> => {
  const { AIRFLEET_URL: url, AIRFLEET_INSTANCE: instance = "", AIRFLEET_REPORT_KEY_FILE: file = "" } = environment;
  const { AIRFLEET_REPORT_ALGORITHM: alg, AIRFLEET_REPORT_KEY_ID: kid } = environment;
  const body = JSON.stringify({
    version: 1,
    event_id: randomUUID(),
    instance,
    dag_id: "orders",
    dag_run_id: runId,
    sent_at: new Date().toISOString(),
    run: { state: "running" },
  });
  const iat = Math.floor(Date.now() / 1_000);
  const body_sha256 = createHash("sha256").update(body).digest("base64url");
  const claims = { iss: instance, aud: "airfleet", iat, exp: iat + 60, jti: randomUUID(), body_sha256 };
  const headers = {
    "content-type": "application/json",
    authorization: `Bearer ${signWith(file, { alg, kid }, claims)}`,
  };
  return fetch(`${url}/api/v1/reports`, { method: "POST", headers, body });
};

const toConnected = ({ stdout }: CliResult): Connected => JSON.parse(stdout) as Connected;

/** Lines of a command that goes on until it is stopped. */
const follow = (args: readonly string[], url: string, cwd: string) => {
  const child = spawn(process.execPath, [...CLI_ARGS, ...args], {
    cwd,
    env: { ...cleanEnvironment(), AIRFLEET_URL: url },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const notes: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  createInterface({ input: child.stderr }).on("line", (line) => notes.push(line));
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  onTestFinished(() => void child.kill("SIGKILL"));
  return { lines, notes, interrupt: () => child.kill("SIGINT"), ended };
};

const SOON = { timeout: 60_000 };

test("connects an instance, shows what it reports and what is refused, and changes its key without a gap", {
  timeout: 240_000,
}, async () => {
  using directory = temporaryDirectory();
  const file = (name: string): string => path.join(directory.path, name);
  const fleet =
    "instances:\n  - {id: eu-1, url: 'http://127.0.0.1:9', enabled: false}\n  - {id: eu-2, url: 'http://127.0.0.1:9', enabled: false}\n";
  writeFileSync(file("airfleet.yaml"), fleet, { mode: 0o600 });
  await using served = await serve(directory.path);
  const cli = (...args: readonly string[]) => runCli(args, { url: served.url, cwd: directory.path });

  const first = await cli("reports", "connect", "eu-1", "--json");
  expect(first).toMatchObject({ code: 0 });
  const connected = toConnected(first);
  expect(connected.environment).toMatchObject({ AIRFLEET_URL: served.url, AIRFLEET_REPORT_ALGORITHM: "ES256" });
  expect(statSync(connected.key_file).mode & 0o777).toBe(0o600);
  expect(first.stdout).not.toContain("PRIVATE KEY");

  const watching = follow(["reports", "watch", "eu-1", "--json"], served.url, directory.path);
  await expect.poll(() => watching.notes.join(), SOON).toContain("Waiting for reports of eu-1");
  expect((await report(connected.environment, "run-1")).status).toBe(202);
  const wrong = { ...connected.environment, AIRFLEET_REPORT_KEY_ID: "unheard-of" };
  expect((await report(wrong, "run-2")).status).toBe(401);
  await expect.poll(() => watching.lines.length, SOON).toBe(2);
  expect(watching.lines.map((line) => JSON.parse(line))).toMatchObject([
    { outcome: "accepted", dag_run_id: "run-1", format: "native", state: "running" },
    { outcome: "refused", code: "REPORT_SIGNATURE_INVALID", detail: expect.stringContaining("key id") },
  ]);
  watching.interrupt();
  expect(await watching.ended).toBe(130);

  const again = await cli("reports", "connect", "eu-1");
  expect(again).toMatchObject({ code: 5, stderr: expect.stringContaining("--rotate") });
  const turned = toConnected(await cli("reports", "connect", "eu-1", "--rotate", "--overlap", "1h", "--json"));
  expect((await report(connected.environment, "run-3")).status).toBe(202);
  expect((await report(turned.environment, "run-4")).status).toBe(202);
  const shown = JSON.parse((await cli("reports", "sources", "show", "eu-1", "--json")).stdout) as {
    readonly keys: readonly { readonly not_after: string | null }[];
  };
  const [old, next] = shown.keys;
  expect([shown.keys.length, next?.not_after]).toEqual([2, null]);
  expect(Date.parse(old?.not_after ?? "")).toBeLessThanOrEqual(Date.now() + 3_600_000);
  const ended = await cli("reports", "connect", "eu-1", "--rotate", "--overlap", "0s", "--json");
  await expect.poll(async () => (await report(turned.environment, "run-5")).status, SOON).toBe(401);
  expect((await report(toConnected(ended).environment, "run-6")).status).toBe(202);

  expect((await cli("reports", "sources", "list")).stdout).toMatch(/eu-1 +on /);
  expect(await cli("reports", "sources", "show", "eu-1")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("REPORT_SIGNATURE_INVALID"),
  });
  expect((await cli("reports", "sources", "remove", "eu-1", "--yes")).code).toBe(0);
  expect((await cli("reports", "sources", "show", "eu-1")).code).toBe(3);
  expect((await cli("reports", "connect", "nowhere")).code).toBe(3);
});

test("prints what an older sender needs, and takes what it then sends", { timeout: 120_000 }, async () => {
  using directory = temporaryDirectory();
  const fleet = "instances:\n  - {id: eu-1, url: 'http://127.0.0.1:9', enabled: false}\n";
  writeFileSync(path.join(directory.path, "airfleet.yaml"), fleet, { mode: 0o600 });
  await using served = await serve(directory.path);
  const cli = (...args: readonly string[]) => runCli(args, { url: served.url, cwd: directory.path });
  const example = path.resolve(import.meta.dirname, "../../../../examples/reports/source.yaml");
  expect((await cli("reports", "sources", "put", "eu-1", "--file", example)).code).toBe(0);
  expect(await cli("reports", "sources", "list", "-o", "wide")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("Europe/Paris"),
  });
  expect((await cli("reports", "sources", "remove", "eu-1", "--yes")).code).toBe(0);
  const connect = ["reports", "connect", "eu-1", "--format", "g0", "--key-file", "old.pem"];
  const { code, stdout } = await cli(...connect, "--algorithm", "ES256");
  expect(code).toBe(0);
  expect(stdout).toContain(`--conn-extra '{"endpoint":"reports/eu-1/satellite/v1/"}'`);
  expect(stdout).toContain("airflow variables set process_report_crypt_algorithm ES256");
  expect(stdout).toContain(`process_report_private_key "$(cat ${path.join(directory.path, "old.pem")})"`);
  const claims = { dag_id: "d", run_id: "r", state: "running", tasks: [] };
  const payload = signWith(path.join(directory.path, "old.pem"), { alg: "ES256" }, claims);
  const post = (body: object) =>
    fetch(`${served.url}/reports/eu-1/satellite/v1/status`, { method: "POST", body: JSON.stringify(body) });
  expect((await post({ payload })).status).toBe(200);
  expect((await post({ payload: claims })).status).toBe(401);

  // A key that is there is never written over, and one that nobody knows of does not stay.
  expect((await cli(...connect)).code).toBe(5);
  expect((await cli("reports", "connect", "nowhere", "--key-file", "left.pem")).code).toBe(3);
  expect((await cli("reports", "keygen", "--key-file", "left.pem")).stdout).toMatch(/^-----BEGIN PUBLIC KEY-----/);
  expect((await cli("reports", "keygen", "--key-file", "left.pem")).code).toBe(5);
  const secret = await cli("reports", "keygen", "--algorithm", "HS512", "--key-file", "secret.txt");
  expect(secret).toMatchObject({ code: 0, stdout: "" });
  expect(Buffer.from(readFileSync(path.join(directory.path, "secret.txt"), "utf8"), "base64url")).toHaveLength(64);
});
