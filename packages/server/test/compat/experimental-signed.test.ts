import { generateKeyPairSync, type KeyObject } from "node:crypto";
import type { Actor } from "@airfleet/control";
import { toInstanceId, TriggerKey } from "@airfleet/model";
import { CompactSign, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SimulatedFleet } from "../support/simulated-fleet.ts";
import { type Answered, askAt, startExperimentalFleet } from "./experimental-fixture.ts";

const ADMIN: Actor = { id: "system", role: "admin", instances: ["*"], sourceIp: null, requestId: null };
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
const OLD_TEXT = "Failed to decrypt or data is corrupted";
const NEW_TEXT = "Failed to verify data";

const sign = (claims: object, key: KeyObject = privateKey): Promise<string> =>
  new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader({ alg: "RS256", typ: "JWT" }).sign(key);

let fleet: SimulatedFleet;
let ask: ReturnType<typeof askAt>;
let login: Record<string, string>;
let viewer: Record<string, string>;
const tokens: string[] = [];

const basic = (password: string, user = "airflow"): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

/** Writes the key of the default instance anew, or takes it away. */
const setKey = async (fields: Partial<TriggerKey> | null): Promise<void> => {
  const { triggerKeys } = fleet.airfleet.control;
  const present = (await triggerKeys.list()).find(({ id }) => id === "bench");
  if (present !== undefined) await triggerKeys.remove(ADMIN, "bench", present.version);
  if (fields === null) return;
  const key = TriggerKey.parse({
    instance: "client1",
    dags: ["orders", "failing"],
    replay: "allow",
    keys: [{ type: "public", key_id: "k1", algorithm: "RS256", public_key: pem }],
    ...fields,
  });
  await triggerKeys.put(ADMIN, "bench", key, undefined);
};

beforeAll(async () => {
  fleet = await startExperimentalFleet({ AIRFLEET_SERVER__AUTH__MODE: "token" });
  ask = askAt(fleet.airfleet.url);
  for (const role of ["admin", "viewer"] as const) {
    const request = { name: role, role, instances: ["*"], expiresInDays: 1 };
    tokens.push((await fleet.airfleet.control.access.createToken(ADMIN, request)).plain);
  }
  const [admin = "", reader = ""] = tokens;
  login = { authorization: basic(admin), "content-type": "application/json" };
  viewer = { authorization: `Bearer ${reader}`, "content-type": "application/json" };
});
afterAll(() => fleet[Symbol.asyncDispose]());
beforeEach(() => setKey(null));

let count = 0;
const body = (): { readonly run_id: string; readonly conf: string } => ({
  run_id: `signed_${(count += 1)}`,
  conf: '{"job":{"output_folder":"/out"}}',
});
const RUNS = "/api/experimental/dags/orders/dag_runs";
const post = (fields: object, path = RUNS, headers?: Record<string, string>): Promise<Answered> =>
  ask("POST", path, fields, headers);
const told = ({ status, text, headers }: Answered) => [status, text, headers.get("content-type")];
const refused = (text: string) => [403, text, "text/plain; charset=utf-8"];

describe("without keys", () => {
  test("the API token is asked for, as a bearer or as the password of a Basic login", async () => {
    const anonymous = await post(body());
    expect([anonymous.status, anonymous.headers.get("www-authenticate")]).toEqual([
      401,
      'Bearer realm="airfleet", Basic realm="airfleet"',
    ]);
    expect(anonymous.body).toEqual({ error: expect.stringContaining("token") });
    expect(anonymous.headers.get("deprecation")).toBe("true");
    expect((await post(body(), RUNS, login)).status).toBe(200);
    expect((await post(body(), RUNS, { ...login, authorization: `Bearer ${tokens[0]}` })).status).toBe(200);
    expect((await post(body(), RUNS, { ...login, authorization: basic("aft_wrong") })).status).toBe(401);
    expect((await post(body(), RUNS, viewer)).status).toBe(403);
    expect((await ask("GET", "/api/experimental/test", undefined, viewer)).status).toBe(200);
    expect((await ask("GET", "/api/experimental/test")).status).toBe(401);
  });

  test("a Basic login is taken nowhere else", async () => {
    expect((await ask("GET", "/api/v1/instances", undefined, login)).status).toBe(401);
    expect((await ask("GET", "/api/dags", undefined, login)).status).toBe(401);
  });

  test("nobody learns of an instance without a login", async () => {
    for (const path of ["/experimental/nowhere/api/experimental/test", "/experimental/client3/api/experimental/test"]) {
      expect((await ask("GET", path)).status).toBe(401);
    }
  });
});

describe("with a key", () => {
  test("a signed body starts a run, under either name of the signature and without a login", async () => {
    await setKey({});
    for (const name of ["check_payload", "token"]) {
      const fields = body();
      const answer = await post({ ...fields, [name]: await sign(fields) });
      expect([answer.status, answer.body]).toEqual([200, expect.objectContaining({ run_id: fields.run_id })]);
      const again = await post({ ...fields, [name]: await sign(fields) });
      expect([again.status, again.body]).toEqual([
        400,
        { error: `Run id ${fields.run_id} already exists for dag id orders` },
      ]);
    }
  });

  test("what is not signed, or not by us, is refused in the original's text, whoever logs in", async () => {
    await setKey({});
    const fields = body();
    const token = await sign(fields);
    const foreign = await sign(fields, generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey);
    expect(told(await post(fields))).toEqual(refused(OLD_TEXT));
    expect(told(await post(fields, RUNS, login))).toEqual(refused(OLD_TEXT));
    expect(told(await post({ ...fields, check_payload: foreign }))).toEqual(refused(OLD_TEXT));
    expect(told(await post({ ...fields, token: foreign }))).toEqual(refused(NEW_TEXT));
    expect(told(await post({ ...fields, token: "nonsense" }))).toEqual(refused(NEW_TEXT));
    for (const change of [{ run_id: "other" }, { conf: "{}" }, { more: 1 }, { execution_date: "2026-01-01" }]) {
      expect(told(await post({ ...fields, ...change, token }))).toEqual(refused(NEW_TEXT));
    }
    for (const odd of ["{", "[]", ""]) expect(told(await ask("POST", RUNS, odd))).toEqual(refused(OLD_TEXT));
    const runs = await ask("GET", RUNS, undefined, login);
    expect(runs.text).not.toContain(fields.run_id);
    expect(fleet.log.join("")).toContain("it was made for another body");
    expect(fleet.log.join("")).not.toContain(token);
  });

  test("none, and the public key taken for a secret, are refused", async () => {
    await setKey({});
    const fields = body();
    const none = new UnsecuredJWT(fields).encode();
    const mixed = await new CompactSign(Buffer.from(JSON.stringify(fields)))
      .setProtectedHeader({ alg: "HS256" })
      .sign(Buffer.from(pem));
    for (const token of [none, mixed]) expect(told(await post({ ...fields, token }))).toEqual(refused(NEW_TEXT));
  });

  test("a body that was read on its way starts nothing under another DAG when it names its own", async () => {
    await setKey({});
    const fields = body();
    const named = { ...fields, token: await sign({ ...fields, dag_id: "orders" }) };
    expect((await post(named)).status).toBe(200);
    expect(told(await post(named, "/api/experimental/dags/failing/dag_runs"))).toEqual(refused(NEW_TEXT));
    expect(told(await post(named, "/api/experimental/dags/asleep/dag_runs"))).toEqual(refused(NEW_TEXT));
  });

  test("one that names no DAG is refused by default, and the log says how to allow it", async () => {
    await setKey({ replay: "refuse" });
    const fields = body();
    expect(told(await post({ ...fields, check_payload: await sign(fields) }))).toEqual(refused(OLD_TEXT));
    expect(fleet.log.join("")).toContain("it does not name its DAG (dag_id), and the key says replay: refuse");
    const signed = { ...fields, check_payload: await sign({ ...fields, dag_id: "orders" }) };
    expect((await post(signed)).status).toBe(200);
  });

  test("a signed body without a run id starts one run, however often it is sent", async () => {
    await setKey({});
    const fields = { conf: `{"once":${(count += 1)}}` };
    const signed = { ...fields, token: await sign(fields) };
    const answers = await Promise.all([post(signed), post(signed), post(signed)]);
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 400, 400]);
    expect((await post({ ...fields, token: await sign(fields) })).status).toBe(400);
    const others = Array.from({ length: 6 }, (_, n) => ({ conf: `{"once":"${count}-${n}"}` }));
    const each = await Promise.all(others.map(async (one) => post({ ...one, token: await sign(one) })));
    expect(each.map(({ status }) => status)).toEqual(others.map(() => 200));
  });

  test("the key's instance is the only one that it closes and opens", async () => {
    await setKey({});
    const fields = body();
    const signed = { ...fields, token: await sign(fields) };
    const other = "/experimental/client3/api/experimental/dags/orders/dag_runs";
    expect((await post(signed, other)).status).toBe(401);
    expect((await post(fields, other, login)).status).toBe(200);
    await setKey({ instance: toInstanceId("client3") });
    expect((await post(fields, other, login)).status).toBe(403);
  });

  test("reading and other writes want a login, as without keys", async () => {
    await setKey({});
    expect((await ask("GET", "/api/experimental/latest_runs")).status).toBe(401);
    expect((await ask("GET", "/api/experimental/latest_runs", undefined, viewer)).status).toBe(200);
    expect((await ask("POST", "/api/experimental/pools", { name: "p", slots: 1 }, viewer)).status).toBe(403);
  });

  test("a disabled key closes nothing", async () => {
    await setKey({ enabled: false });
    expect((await post(body(), RUNS, login)).status).toBe(200);
  });
});

describe("in the API", () => {
  test("keys are written, shown and removed, and one that protects nothing is refused", async () => {
    const path = "/api/v1/trigger-keys/mine";
    const headers = { ...login, authorization: `Bearer ${tokens[0]}` };
    const key = { type: "public", key_id: "k1", algorithm: "RS256", public_key: pem };
    const weak = generateKeyPairSync("rsa", { modulusLength: 1_024 }).publicKey;
    const put = (one: object, more = {}) =>
      ask("PUT", path, { instance: "client3", keys: [one] }, { ...headers, ...more });
    const refusal = await put({ ...key, public_key: weak.export({ type: "spki", format: "pem" }) });
    expect([refusal.status, refusal.body]).toEqual([
      400,
      expect.objectContaining({ detail: expect.stringContaining("at least 2048 are needed") }),
    ]);
    expect((await put(key)).status).toBe(201);
    expect((await put(key)).status).toBe(428);
    expect((await put(key, { "if-match": '"1"' })).body).toMatchObject({
      version: 2,
      dags: ["*"],
      replay: "refuse",
      enabled: true,
    });
    expect((await ask("GET", path, undefined, viewer)).status).toBe(403);
    const gone = await ask("DELETE", path, undefined, { ...headers, "if-match": '"2"' });
    expect(gone.status).toBe(204);
  });
});

describe("refused signatures", () => {
  test("are counted by address, as failed sign-ins are; a good one comes in however many bad ones came", {
    timeout: 60_000,
  }, async () => {
    await using limited = await startExperimentalFleet({ AIRFLEET_SERVER__AUTH__MODE: "token" });
    const key = TriggerKey.parse({
      instance: "client1",
      dags: ["orders"],
      replay: "allow",
      keys: [{ type: "public", key_id: "k1", algorithm: "RS256", public_key: pem }],
    });
    await limited.airfleet.control.triggerKeys.put(ADMIN, "bench", key, undefined);
    const askLimited = askAt(limited.airfleet.url);
    const send = (fields: object) => askLimited("POST", RUNS, fields);
    const bad = { ...body(), check_payload: "not.a.signature" };
    const statuses: number[] = [];
    for (let left = 62; left > 0; left -= 1) statuses.push((await send(bad)).status);
    expect([statuses.slice(0, 60).every((status) => status === 403), statuses.at(-1)]).toEqual([true, 429]);
    const limitedAnswer = await send(bad);
    expect(Number(limitedAnswer.headers.get("retry-after"))).toBeGreaterThan(0);

    const fields = body();
    const signed = { ...fields, check_payload: await sign(fields) };
    expect((await send(signed)).status).toBe(200);
  });
});
