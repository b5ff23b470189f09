import { createHash, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { toDagId, toRunId } from "@airfleet/model";
import { decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import type { Clock } from "../src/index.ts";
import { errorOf, givenEngine, reply, type Seen, startAirflowStub } from "./airflow-stub.ts";
import { sample } from "./sample.ts";

const DAG = sample("v1", "dag_get").response.body;
const FORBIDDEN = sample("v1", "auth_wrong_password").response.body;
const dag = toDagId("t_ok");

const pem = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();
const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ed = generateKeyPairSync("ed25519");
const secret = randomBytes(64);

const KEYS = [
  { algorithm: "RS256", key: pem(rsa.privateKey), verifyWith: rsa.publicKey },
  { algorithm: "ES256", key: pem(ec.privateKey), verifyWith: ec.publicKey },
  { algorithm: "EdDSA", key: pem(ed.privateKey), verifyWith: ed.publicKey },
  { algorithm: "HS256", key: secret.subarray(0, 32).toString("base64url"), verifyWith: secret.subarray(0, 32) },
  { algorithm: "HS512", key: secret.toString("base64url"), verifyWith: secret },
] as const;
const signing = { type: "jwt", algorithm: "EdDSA", key: pem(ed.privateKey) } as const;

const tokenOf = ({ headers }: Seen): string => (headers.authorization ?? "").replace(/^Bearer /, "");
const claimsOf = (seen: Seen) => decodeJwt<Record<string, unknown>>(tokenOf(seen));

/** A wall clock that tests move; everything else is real. */
const movableClock = () => {
  let aheadMs = 0;
  const clock: Clock = {
    now: () => Date.now() + aheadMs,
    monotonic: () => performance.now(),
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  };
  return { clock, advance: (ms: number) => void (aheadMs += ms) };
};

/** Believes tokens by a clock that is so far ahead of ours, as the backend does. */
const givenClock = async (aheadMs: number, isBelieved: (seen: Seen) => boolean = () => true) => {
  const stub = await startAirflowStub(2);
  stub.route("*", (seen, response) => {
    const now = Date.now() + aheadMs;
    const { iat = 0, exp = 0 } = decodeJwt(tokenOf(seen));
    const isTimely = iat * 1_000 <= now + 10_000 && now - 10_000 < exp * 1_000;
    const headers = { date: new Date(now).toUTCString() };
    if (isTimely && isBelieved(seen)) reply(response, 200, DAG, headers);
    else reply(response, 403, FORBIDDEN, headers);
  });
  return stub;
};

describe("a signed call", () => {
  it.each(KEYS)("is verified with the other half of a key for $algorithm", async ({ algorithm, key, verifyWith }) => {
    await using stub = await startAirflowStub(2, { "GET /dags/t_ok": { body: DAG } });
    const auth = { type: "jwt", key, algorithm, key_id: "k-1", user: "fleet" } as const;
    await using engine = givenEngine(stub.url, { auth });
    await engine.getDag(dag);
    const { payload, protectedHeader } = await jwtVerify(tokenOf(stub.calls[0]!), verifyWith, {
      algorithms: [algorithm],
      audience: "x1",
      issuer: "airfleet",
    });
    expect(protectedHeader).toEqual({ alg: algorithm, typ: "JWT", kid: "k-1" });
    expect(payload).toEqual({
      iss: "airfleet",
      sub: "fleet",
      aud: "x1",
      iat: expect.any(Number),
      exp: (payload.iat ?? 0) + 60,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      method: "GET",
      path: "/api/v1/dags/t_ok",
      dag_id: "t_ok",
      body_sha256: createHash("sha256").digest("base64url"),
    });
  });

  it("names the path and query as they are on the wire, without the prefix that the web server is behind", async () => {
    await using stub = await startAirflowStub(2);
    stub.route("*", (_seen, response) => reply(response, 200, { dag_runs: [], total_entries: 0 }));
    // The stub knows its own version at its root alone.
    for (const name of ["GET /eu-1/version", "GET /eu-1/api/v1/version"])
      stub.route(name, { body: { version: "2.11.2" } });
    await using engine = givenEngine(`${stub.url}/eu-1`, { auth: { ...signing, audience: "west" } });
    await engine.listRuns({ states: ["running", "failed"], limit: 5 });
    await errorOf(engine.getRun({ dagId: toDagId("ü +"), runId: toRunId("a:b+c") }));
    const calls = stub.calls.filter(({ target }) => !target.endsWith("/version"));
    expect(calls.map(({ target }) => target)).toEqual([
      expect.stringMatching(/^\/eu-1\/api\/v1\/dags\/~\/dagRuns\?.*&/),
      "/eu-1/api/v1/dags/%C3%BC%20%2B/dagRuns/a%3Ab%2Bc",
    ]);
    for (const seen of calls) {
      expect(claimsOf(seen)).toMatchObject({ path: seen.target.slice("/eu-1".length), aud: "west" });
    }
    expect(calls.map((seen) => claimsOf(seen)["dag_id"])).toEqual([undefined, "ü +"]);
  });

  it("names the bytes of its body", async () => {
    await using stub = await startAirflowStub(2, { "POST /dags/t_ok/dagRuns": { status: 409, body: {} } });
    await using engine = givenEngine(stub.url, { auth: signing });
    await errorOf(engine.trigger({ dagId: dag, runId: toRunId("r1"), conf: { ü: "\u2028", n: 1 } }));
    const post = stub.calls.find(({ method }) => method === "POST")!;
    expect(post.body).toContain("r1");
    expect(claimsOf(post)["body_sha256"]).toBe(createHash("sha256").update(post.body).digest("base64url"));
  });

  it("is signed anew for every try", async () => {
    await using stub = await startAirflowStub(2, {
      "GET /dags/t_ok": [{ status: 503, body: {} }, { status: 503, body: {} }, { body: DAG }],
    });
    await using engine = givenEngine(stub.url, { auth: signing });
    await engine.getDag(dag);
    expect(new Set(stub.calls.map((seen) => claimsOf(seen)["jti"])).size).toBe(3);
  });

  it("is dated when it goes out, not when it begins to wait for its turn", async () => {
    const { clock, advance } = movableClock();
    const { promise: isLet, resolve: let_ } = Promise.withResolvers<void>();
    await using stub = await startAirflowStub(2);
    stub.route("GET /dags/t_ok", [
      async (_seen, response) => {
        await isLet;
        reply(response, 200, DAG);
      },
      { body: DAG },
    ]);
    const limits = { concurrency: 1, queue: 1 };
    await using engine = givenEngine(stub.url, { auth: signing, limits, options: { clock } });
    const first = engine.getDag(dag);
    await expect.poll(() => stub.calls.length).toBe(1);
    const second = engine.getDag(dag);
    // No room for a third: so the second waits.
    expect(await errorOf(engine.getDag(dag))).toMatchObject({ code: "INSTANCE_BUSY" });
    advance(300_000);
    let_();
    await Promise.all([first, second]);
    const [before, after] = stub.calls.map((seen) => Number(claimsOf(seen)["iat"]));
    expect((after ?? 0) - (before ?? 0)).toBeGreaterThanOrEqual(300);
  });

  it("asks for the version without a token", async () => {
    await using stub = await startAirflowStub(2, { "GET /dags/t_ok": { body: DAG } });
    await using engine = givenEngine(stub.url, { auth: signing });
    await engine.getDag(dag);
    expect(stub.seen.map(({ target, headers }) => [target, headers.authorization !== undefined])).toEqual([
      ["/api/v1/version", false],
      ["/api/v1/dags/t_ok", true],
    ]);
  });
});

describe("where the instance's clock is off", () => {
  it.each([3_600_000, -3_600_000, 90_000, -90_000])("by %d ms, one refusal teaches it", async (aheadMs) => {
    await using stub = await givenClock(aheadMs);
    await using engine = givenEngine(stub.url, { auth: signing });
    expect(await engine.getDag(dag)).toMatchObject({ dagId: "t_ok" });
    expect(stub.calls).toHaveLength(2);
    await Promise.all([engine.getDag(dag), engine.getDag(dag)]);
    expect(stub.calls).toHaveLength(4);
  });

  it("many calls at once are each sent twice at most", async () => {
    await using stub = await givenClock(-3_600_000);
    await using engine = givenEngine(stub.url, { auth: signing });
    await Promise.all(Array.from({ length: 20 }, () => engine.getDag(dag)));
    expect(stub.calls.length).toBeLessThanOrEqual(40);
  });

  it("is not asked twice for what it refuses for another reason", async () => {
    await using stub = await givenClock(0, () => false);
    await using engine = givenEngine(stub.url, { auth: signing });
    expect(await errorOf(engine.setPaused(dag, true))).toMatchObject({ code: "INSTANCE_CREDENTIALS_REFUSED" });
    expect(stub.calls.map(({ method }) => method)).toEqual(["PATCH", "GET"]);
  });

  it("asks twice and not for ever when the corrected token is refused as well", async () => {
    await using stub = await givenClock(3_600_000, () => false);
    await using engine = givenEngine(stub.url, { auth: signing });
    expect(await errorOf(engine.setPaused(dag, true))).toMatchObject({ code: "INSTANCE_CREDENTIALS_REFUSED" });
    expect(stub.calls.map(({ method }) => method)).toEqual(["PATCH", "PATCH", "GET"]);
  });

  it("is not believed when it is days off: such tokens could be kept and used long after", async () => {
    await using stub = await givenClock(48 * 3_600_000);
    await using engine = givenEngine(stub.url, { auth: signing });
    await errorOf(engine.getDag(dag));
    const latest = Math.max(...stub.calls.map((seen) => Number(claimsOf(seen)["exp"])));
    expect(latest).toBeLessThan(Date.now() / 1_000 + 61);
  });
});

describe("what cannot be signed", () => {
  it("is refused on Airflow 3, and nothing is sent there", async () => {
    await using stub = await startAirflowStub(3);
    await using engine = givenEngine(stub.url, { auth: signing });
    const error = await errorOf(engine.getDag(dag));
    expect(error).toMatchObject({ code: "INSTANCE_SIGNING_UNSUPPORTED" });
    expect(error.message).toContain("auth.type login");
    expect(await errorOf(engine.probe({}))).toMatchObject({ code: "INSTANCE_SIGNING_UNSUPPORTED" });
    expect(stub.calls).toEqual([]);
    expect(stub.seen.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });

  const small = generateKeyPairSync("rsa", { modulusLength: 1_024 }).privateKey;
  const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
  it.each([
    ["RS256", pem(small), "it has 1024 bits"],
    ["RS256", pem(ec.privateKey), "it is of type ec"],
    ["ES256", pem(p384), "its curve is secp384r1"],
    ["EdDSA", pem(rsa.privateKey), "it is of type rsa"],
    ["EdDSA", ed.publicKey.export({ type: "spki", format: "pem" }).toString(), "it is no private key"],
    ["ES256", "swordfish-swordfish-swordfish", "it is not PEM"],
    ["HS256", pem(rsa.privateKey), "it is not base64url"],
    ["HS256", randomBytes(31).toString("base64url"), "it has 31 bytes"],
    ["HS512", randomBytes(32).toString("base64url"), "it has 32 bytes"],
  ] as const)("has a key that is not for %s, and is told why (%#)", async (algorithm, key, reason) => {
    await using stub = await startAirflowStub(2, { "GET /dags/t_ok": { body: DAG } });
    await using engine = givenEngine(stub.url, { auth: { type: "jwt", key, algorithm } });
    const error = await errorOf(engine.getDag(dag));
    expect(error).toMatchObject({ code: "INSTANCE_SIGNING_KEY_UNUSABLE" });
    expect(error.message).toContain(reason);
    expect(error.message).not.toContain(key.slice(-20).trim());
    expect(stub.seen).toEqual([]);
  });
});

it("keeps its tokens out of errors, even when the server echoes them", async () => {
  await using stub = await startAirflowStub(2);
  stub.route("*", (seen, response) => reply(response, 400, { detail: `you sent ${seen.headers.authorization}` }));
  await using engine = givenEngine(stub.url, { auth: signing });
  const error = await errorOf(engine.getDag(dag));
  expect(error.message).toContain("you sent Bearer ***");
  expect(decodeProtectedHeader(tokenOf(stub.calls[0]!))).toMatchObject({ alg: "EdDSA" });
});
