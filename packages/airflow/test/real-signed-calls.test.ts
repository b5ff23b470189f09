import { createHash, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Engine } from "@airfleet/engine";
import { InstanceConfig, type InstanceConfigInput, resolveInstanceConfig, toDagId, toRunId } from "@airfleet/model";
import { createMovableClock, ensureWheel, type RunningAirflow, startAirflow } from "@airfleet/tools-engines";
import { SignJWT } from "jose";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAirflowEngine } from "../src/index.ts";
import { takeAirflow } from "./conformance/instance-under-trial.ts";
import { errorOf } from "./airflow-stub.ts";

// One Airflow 2.11 of our own, its web server configured as the example says and served by the package as it is installed.

const example = (name: string): string =>
  readFileSync(new URL(`../../../examples/signed-calls/${name}`, import.meta.url), "utf8");
const exampleEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    [...example("airflow.env").matchAll(/^(\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );
/** Arguments of each `airflow` command in the example. */
const exampleCommands = (): string[][] =>
  [...example("create-user.sh").matchAll(/^airflow (.*)$/gm)].map(([, words = ""]) =>
    [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? ""),
  );

const pair = generateKeyPairSync("ed25519");
const next = generateKeyPairSync("ed25519");
const privatePem = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();
const publicPem = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();

const AUDIENCE = "eu-1";
const ok = toDagId("af_ok");
const directory = mkdtempSync(path.join(tmpdir(), "airfleet-signed-"));
const keyFile = path.join(directory, "caller.json");
const writeKeys = (keys: Record<string, KeyObject>): void =>
  writeFileSync(
    keyFile,
    JSON.stringify(Object.fromEntries(Object.entries(keys).map(([id, key]) => [id, publicPem(key)]))),
  );

let airflow: RunningAirflow;
let clock: Awaited<ReturnType<typeof createMovableClock>>;
const engines: Engine[] = [];

const open = (auth: InstanceConfigInput["auth"], url = airflow.url): Engine => {
  const config = InstanceConfig.parse({ id: AUDIENCE, url, auth, limits: { timeout_ms: 60_000 } });
  const engine = createAirflowEngine({ config: resolveInstanceConfig(config, () => "") });
  engines.push(engine);
  return engine;
};
const isIn = async (engine: Engine): Promise<boolean> => (await engine.probe({})).authenticated;
const signing = (key: KeyObject = pair.privateKey, key_id = "k1") =>
  ({ type: "jwt", algorithm: "EdDSA", key: privatePem(key), key_id }) as const;

beforeAll(async () => {
  writeKeys({ k1: pair.publicKey });
  clock = await createMovableClock({ directory });
  const { site } = await ensureWheel();
  airflow = await startAirflow({
    generation: 2,
    pythonPath: [site],
    environment: { ...exampleEnvironment(), AIRFLEET_CALLER_PUBLIC_KEY_FILE: keyFile },
  });
  for (const args of exampleCommands()) await airflow.command(args);
}, 600_000);
afterAll(async () => {
  for (const engine of engines) await engine.close();
  await airflow[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

const hash = (text: string): string => createHash("sha256").update(text).digest("base64url");
const BODY = JSON.stringify({ dag_run_id: "forged", conf: {} });
const TARGET = "/api/v1/dags/af_ok/dagRuns";

const now = (): number => Math.floor(Date.now() / 1_000);
const goodClaims = (): Record<string, unknown> => ({
  iss: "airfleet",
  aud: AUDIENCE,
  iat: now(),
  exp: now() + 60,
  jti: randomUUID(),
  method: "POST",
  path: TARGET,
  dag_id: "af_ok",
  body_sha256: hash(BODY),
});
interface Signing {
  readonly alg?: string;
  readonly kid?: string;
  readonly key?: KeyObject | Uint8Array;
}
const sign = (claims: Record<string, unknown>, { alg = "EdDSA", kid = "k1", key = pair.privateKey }: Signing = {}) =>
  new SignJWT({ ...goodClaims(), ...claims }).setProtectedHeader({ alg, typ: "JWT", kid }).sign(key);
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

const head = (header: object): string => encode({ typ: "JWT", kid: "k1", ...header });

const post = async (token: string | null, { target = TARGET, body = BODY, method = "POST" } = {}) => {
  const answer = await fetch(`${airflow.url}${target}`, {
    method,
    ...(method === "GET" ? {} : { body }),
    headers: { "content-type": "application/json", ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
  });
  return { status: answer.status, body: await answer.text(), cookie: answer.headers.get("set-cookie") };
};

describe("a real Airflow 2.11 with our backend", () => {
  it("lets Airfleet see and do everything with DAGs and runs, as a user that may do nothing else", async () => {
    const engine = open(signing());
    expect(await engine.probe({})).toMatchObject({ authenticated: true, generation: 2 });
    const dags = await engine.listDags({});
    expect(dags.items.length).toBeGreaterThan(10);
    const address = { dagId: ok, runId: toRunId(`signed~${Date.now()}`) };
    expect(await engine.trigger({ ...address, conf: { größe: "☃ \u2028" } })).toMatchObject({ created: true });
    expect(await engine.trigger({ ...address, conf: { größe: "☃ \u2028" } })).toMatchObject({ created: false });
    await expect
      .poll(async () => (await engine.getRun(address)).state, { timeout: 120_000, interval: 1_000 })
      .toBe("success");
    expect(await engine.listTaskInstances({ runs: [address] })).not.toHaveLength(0);
    await engine.setPaused(ok, true);
    await engine.setPaused(ok, false);
    await engine.listImportErrors();
    expect(await engine.getDagSource(ok)).toContain("af_ok");
    expect((await engine.listAuditEvents({})).some(({ owner }) => owner === "airfleet")).toBe(true);
    await engine.deleteRun(address);
    expect(await errorOf(engine.listConfig("variable"))).toMatchObject({ code: "INSTANCE_FORBIDDEN" });
    expect(await errorOf(engine.listConfig("connection"))).toMatchObject({ code: "INSTANCE_FORBIDDEN" });
  });

  it("lets passwords in beside it", async () => {
    const basic = open({ type: "basic", username: airflow.username, password: airflow.password });
    expect(await basic.probe({})).toMatchObject({ authenticated: true });
    const wrong = open({ type: "basic", username: airflow.username, password: "wrong-password" });
    expect(await errorOf(wrong.getDag(ok))).toMatchObject({ code: "INSTANCE_CREDENTIALS_REFUSED" });
  });

  const other = generateKeyPairSync("ed25519");
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  it.each<[string, () => Promise<string | null> | string | null, { target?: string; body?: string; method?: string }?]>(
    [
      ["no token", () => null],
      ["garbage", () => "garbage"],
      ["what looks like a token", () => "eyJ.eyJ.eyJ"],
      ["no signature, alg none", () => `${head({ alg: "none" })}.${encode(goodClaims())}.`],
      ["no signature, alg EdDSA", () => `${head({ alg: "EdDSA" })}.${encode(goodClaims())}.`],
      ["the public key as a secret", () => sign({}, { alg: "HS256", key: Buffer.from(publicPem(pair.publicKey)) })],
      ["another algorithm", () => sign({}, { alg: "RS256", key: rsa.privateKey })],
      ["another key", () => sign({}, { key: other.privateKey })],
      ["an unknown key id", () => sign({}, { kid: "k9" })],
      ["another audience", () => sign({ aud: "eu-2" })],
      ["another issuer", () => sign({ iss: "someone" })],
      ["a user that is not allowed", () => sign({ sub: "admin" })],
      ["a token of the past", () => sign({ iat: now() - 120, exp: now() - 60 })],
      ["a token of the future", () => sign({ iat: now() + 120, exp: now() + 180 })],
      ["a token for an hour", () => sign({ exp: now() + 3_600 })],
      ["another DAG in the path", () => sign({}), { target: "/api/v1/dags/af_fail/dagRuns" }],
      ["another DAG in the claims", () => sign({ dag_id: "af_fail" })],
      ["another body", () => sign({}), { body: JSON.stringify({ dag_run_id: "forged", conf: { more: 1 } }) }],
      ["another method", () => sign({ method: "GET" })],
      [
        "another query",
        () => sign({ method: "GET", path: `${TARGET}?limit=1`, body_sha256: hash("") }),
        { method: "GET", target: `${TARGET}?limit=2` },
      ],
    ],
  )("refuses %s, and does not say why", async (_name, token, call = {}) => {
    const nobody = await post(null, call);
    expect(await post(await token(), call)).toEqual({ ...nobody, status: 403, cookie: null });
    expect(nobody.body).not.toMatch(/token|signature|expired|audience/i);
  });

  it("takes a signed trigger once: a captured one cannot be sent again", async () => {
    const body = JSON.stringify({ dag_run_id: `once~${Date.now()}`, conf: {} });
    const token = await sign({ body_sha256: hash(body) });
    expect(await post(token, { body })).toMatchObject({ status: 200, cookie: null });
    expect((await post(token, { body })).status).toBe(403);
    // By a new token it is only the run that is refused: the call itself was let in.
    expect((await post(await sign({ body_sha256: hash(body) }), { body })).status).toBe(409);
  });

  it("made no run of all that was refused", async () => {
    const runs = await open(signing()).listRuns({ dagId: ok });
    expect(runs.items.map(({ runId }) => runId)).not.toContain("forged");
  });

  it("takes a second key within its half minute, and the first no more once it is gone", async () => {
    const renewed = open(signing(next.privateKey, "k2"));
    expect(await errorOf(renewed.getDag(ok))).toMatchObject({ code: "INSTANCE_CREDENTIALS_REFUSED" });
    writeKeys({ k1: pair.publicKey, k2: next.publicKey });
    await expect.poll(() => isIn(renewed), { timeout: 60_000, interval: 1_000 }).toBe(true);
    const former = open(signing());
    expect(await isIn(former)).toBe(true);
    writeKeys({ k2: next.publicKey });
    await expect.poll(() => isIn(former), { timeout: 60_000, interval: 1_000 }).toBe(false);
    expect(await isIn(renewed)).toBe(true);
  });

  it("refuses a deactivated user within seconds", async () => {
    const engine = open(signing(next.privateKey, "k2"));
    const database = new Client({ connectionString: airflow.databaseUrl });
    await database.connect();
    const setActive = (active: boolean) =>
      database.query("UPDATE ab_user SET active = $1 WHERE username = 'airfleet'", [active]);
    try {
      expect(await isIn(engine)).toBe(true);
      await setActive(false);
      await expect.poll(() => isIn(engine), { timeout: 20_000, interval: 500 }).toBe(false);
      await setActive(true);
      await expect.poll(() => isIn(engine), { timeout: 20_000, interval: 500 }).toBe(true);
    } finally {
      await database.end();
    }
  });

  it("says in the log of its web server why it refused, without the token", async () => {
    const log = readFileSync(path.join(airflow.dagsFolder, "../logs/webserver.log"), "utf8");
    for (const reason of [
      "its key 'k9' is not known here",
      "InvalidSignatureError",
      "InvalidAudienceError",
      "ExpiredSignatureError",
      "it was signed for another DAG",
      "it was signed for another body",
      "it was used before",
      "the user 'admin' is none of AIRFLEET_CALLER_USER",
      "the user 'airfleet' is deactivated",
    ]) {
      expect(log).toContain(reason);
    }
    expect(log).not.toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]{10}/);
  });
});

describe("with its keys in Airflow's variables, nobody let in without credentials, and its clock an hour off", () => {
  it("lets a client in that corrects itself by the Date of the refusal", async () => {
    const webConfig = path.join(directory, "webserver_config.py");
    writeFileSync(webConfig, "AUTH_TYPE = 1\nAUTH_ROLE_PUBLIC = None\n");
    await airflow.command(["variables", "set", "jwt_backend_public_key", publicPem(pair.publicKey)]);
    await airflow.command(["variables", "set", "jwt_backend_crypt_algorithm", "EdDSA"]);
    await airflow.killComponent("webserver");
    await clock.move(3_600);
    await airflow.startComponent("webserver", {
      ...clock.environment,
      AIRFLOW__WEBSERVER__CONFIG_FILE: webConfig,
      AIRFLEET_CALLER_PUBLIC_KEY_FILE: null,
      AIRFLEET_CALLER_ALGORITHM: null,
    });
    const health = (): Promise<boolean> =>
      fetch(`${airflow.url}/api/v1/health`).then(
        ({ ok: isOk }) => isOk,
        () => false,
      );
    await expect.poll(health, { timeout: 120_000, interval: 1_000 }).toBe(true);
    expect([(await post(null)).status, (await post(await sign({}))).status]).toEqual([401, 401]);
    const engine = open(signing());
    const probe = await engine.probe({});
    expect(probe.authenticated).toBe(true);
    expect(probe.clockSkewMs).toBeGreaterThan(3_500_000);
    expect(await engine.trigger({ dagId: ok, runId: toRunId(`late~${Date.now()}`), conf: {} })).toMatchObject({
      created: true,
    });
    await clock.move(-3_600);
    await expect
      .poll(async () => (await engine.probe({})).clockSkewMs, { timeout: 20_000, interval: 500 })
      .toBeLessThan(-3_500_000);
    expect(await engine.getDag(ok)).toMatchObject({ dagId: "af_ok" });
  }, 400_000);
});

it("is refused with the reason where Airflow is of generation 3", async () => {
  await using three = await takeAirflow(3);
  const error = await errorOf(open(signing(), three.url).probe({}));
  expect(error).toMatchObject({ code: "INSTANCE_SIGNING_UNSUPPORTED" });
});
