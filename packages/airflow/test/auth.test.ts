import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toDagId } from "@airfleet/model";
import { describe, expect, it } from "vitest";
import { tokenLifetimeMs } from "../src/auth/login.ts";
import { errorOf, givenEngine, reply, type Seen, startAirflowStub } from "./airflow-stub.ts";
import { sample } from "./sample.ts";

const DAG2 = sample("v1", "dag_get").response.body;
const DAG3 = sample("v2", "dag_get").response.body;
const dag = toDagId("t_ok");
const login = { type: "login", username: "u", password: "pässword" } as const;
const authorizations = (calls: readonly Seen[]): (string | undefined)[] =>
  calls.map(({ headers }) => headers.authorization);

const jwt = (claims: object): string => `h.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.s`;

const script = (body: string): { command: string[]; counter: string } => {
  const folder = mkdtempSync(join(tmpdir(), "airfleet-exec-"));
  const counter = join(folder, "runs");
  writeFileSync(
    join(folder, "token.mjs"),
    `import { appendFileSync } from "node:fs"; appendFileSync(${JSON.stringify(counter)}, "x"); ${body}`,
  );
  return { command: [process.execPath, join(folder, "token.mjs")], counter };
};

describe("basic", () => {
  it("goes with every request to Airflow 2, as UTF-8", async () => {
    await using stub = await startAirflowStub(2, { "GET /dags/t_ok": { body: DAG2 } });
    await using engine = givenEngine(stub.url, { auth: { type: "basic", username: "u", password: "pässword" } });
    await engine.getDag(dag);
    expect(authorizations(stub.calls)).toEqual([`Basic ${Buffer.from("u:pässword", "utf8").toString("base64")}`]);
  });

  it("becomes a login on Airflow 3", async () => {
    await using stub = await startAirflowStub(3, { "GET /dags/t_ok": { body: DAG3 } });
    await using engine = givenEngine(stub.url);
    await engine.getDag(dag);
    expect(authorizations(stub.calls)[0]).toMatch(/^Bearer token-/);
    expect(JSON.parse(stub.seen.find(({ target }) => target === "/auth/token")!.body)).toEqual({
      username: "admin",
      password: "correct horse",
    });
  });

  it("tells Airflow 2's 403 for wrong credentials from its 403 for a missing permission", async () => {
    const forbidden = { status: 403, body: sample("v1", "auth_wrong_password").response.body };
    await using stub = await startAirflowStub(2, { "GET /dags/t_ok": forbidden, "GET /dags": forbidden });
    await using engine = givenEngine(stub.url);
    expect(await errorOf(engine.getDag(dag))).toMatchObject({ code: "INSTANCE_CREDENTIALS_REFUSED" });
    stub.route("GET /dags", { body: { dags: [], total_entries: 0 } });
    expect(await errorOf(engine.getDag(dag))).toMatchObject({ code: "INSTANCE_FORBIDDEN" });
  });
});

describe("login", () => {
  it("happens once for many calls at once", async () => {
    await using stub = await startAirflowStub(3, { "GET /dags/t_ok": { body: DAG3 } });
    await using engine = givenEngine(stub.url, { auth: login, limits: { queue: 200 } });
    await Promise.all(Array.from({ length: 100 }, () => engine.getDag(dag)));
    expect(stub.seen.filter(({ target }) => target === "/auth/token")).toHaveLength(1);
  });

  it.each([
    ["401 Token Expired", "auth_expired_token"],
    ["403 Invalid JWT token", "auth_garbage_token"],
  ])("is repeated once per request after %s, by one of many", async (_name, name) => {
    const refusal = sample("v2", name).response;
    let valid = "";
    await using stub = await startAirflowStub(3);
    let logins = 0;
    stub.route("POST /auth/token", (_seen, response) => {
      logins += 1;
      // All tokens but the second are revoked as soon as they are given.
      valid = logins === 2 ? "t2" : "none";
      reply(response, 201, { access_token: `t${logins}` });
    });
    stub.route("GET /dags/t_ok", (seen, response) =>
      seen.headers.authorization === `Bearer ${valid}`
        ? reply(response, 200, DAG3)
        : reply(response, refusal.status, refusal.body),
    );
    await using engine = givenEngine(stub.url, { auth: login, limits: { queue: 200 } });
    await Promise.all(Array.from({ length: 20 }, () => engine.getDag(dag)));
    expect(logins).toBe(2);
    // A server that refuses every token is not asked for ever.
    valid = "none";
    const before = stub.calls.filter(({ target }) => target.includes("/dags/")).length;
    expect(await errorOf(engine.getDag(dag))).toMatchObject({ code: "INSTANCE_CREDENTIALS_REFUSED" });
    expect(stub.calls.filter(({ target }) => target.includes("/dags/"))).toHaveLength(before + 2);
  });

  it("does not loop over a plain 403", async () => {
    await using stub = await startAirflowStub(3, { "GET /dags/t_ok": { status: 403, body: { detail: "Forbidden" } } });
    await using engine = givenEngine(stub.url, { auth: login });
    expect(await errorOf(engine.getDag(dag))).toMatchObject({ code: "INSTANCE_FORBIDDEN" });
    expect(stub.calls).toHaveLength(1);
  });

  it.each(["auth_token_wrong_password", "auth_token_missing_field"])(
    "says that the credentials are refused (%s)",
    async (name) => {
      const { status, body } = sample("v2", name).response;
      await using stub = await startAirflowStub(3, { "POST /auth/token": { status, body } });
      await using engine = givenEngine(stub.url, { auth: login });
      expect(await errorOf(engine.getDag(dag))).toMatchObject({
        code: "INSTANCE_CREDENTIALS_REFUSED",
        details: { status },
      });
    },
  );

  it("becomes Basic on Airflow 2", async () => {
    await using stub = await startAirflowStub(2, { "GET /dags/t_ok": { body: DAG2 } });
    await using engine = givenEngine(stub.url, { auth: login });
    await engine.getDag(dag);
    expect(authorizations(stub.calls)[0]).toMatch(/^Basic /);
  });

  it("renews a token before its end, by the issuer's clock", () => {
    expect(tokenLifetimeMs(jwt({ iat: 1_000, exp: 4_600 }), 99)).toBe(3_570_000);
    expect(tokenLifetimeMs(jwt({ exp: 110 }), 100_000)).toBe(5_000);
    expect(tokenLifetimeMs("opaque", 0)).toBe(600_000);
  });

  it("is not taken away from others by a caller that gives up", async () => {
    await using stub = await startAirflowStub(3, { "GET /dags/t_ok": { body: DAG3 } });
    stub.route(
      "POST /auth/token",
      (_seen, response) => void setTimeout(() => reply(response, 201, { access_token: "t" }), 80),
    );
    await using engine = givenEngine(stub.url, { auth: login });
    await errorOf(engine.capabilities({ timeoutMs: 1 })).catch(() => undefined);
    const hurried = errorOf(engine.getDag(dag, { timeoutMs: 40 }));
    const patient = engine.getDag(dag);
    expect(await hurried).toMatchObject({ code: "INSTANCE_TIMEOUT" });
    expect(await patient).toMatchObject({ dagId: "t_ok" });
    expect(stub.calls.filter(({ target }) => target === "/auth/token")).toHaveLength(1);
  });
});

describe("exec", () => {
  it("runs the command once, without a shell, and sends what it prints", async () => {
    const { command, counter } = script("console.log(process.env.TOKEN + process.argv[2]);");
    await using stub = await startAirflowStub(3, { "GET /dags/t_ok": { body: DAG3 } });
    await using engine = givenEngine(stub.url, {
      auth: { type: "exec", command: [...command, "$(id);`id`"], env: { TOKEN: "abc" } },
    });
    await Promise.all([engine.getDag(dag), engine.getDag(dag), engine.getDag(dag)]);
    expect(new Set(authorizations(stub.calls))).toEqual(new Set(["Bearer abc$(id);`id`"]));
    expect(readFileSync(counter, "utf8").length).toBeLessThanOrEqual(2);
  });

  it("runs it again when the token is refused", async () => {
    const { command } = script("console.log('t' + Date.now() + Math.random());");
    const used: string[] = [];
    await using stub = await startAirflowStub(3);
    stub.route("GET /dags/t_ok", (seen, response) => {
      used.push(seen.headers.authorization ?? "");
      reply(response, used.length === 1 ? 401 : 200, used.length === 1 ? { detail: "Token Expired" } : DAG3);
    });
    await using engine = givenEngine(stub.url, { auth: { type: "exec", command } });
    await engine.getDag(dag);
    expect(new Set(used).size).toBe(2);
  });

  it.each([
    ["console.error('hunter2-secret'); process.exit(7);", "exit code 7"],
    ["console.log('');", "printed nothing"],
    ["console.log('two words');", "something else than one token"],
    ["console.log('x'.repeat(100000));", "more than a token"],
  ])("says how the command failed, never what it printed (%s)", async (body, words) => {
    const { command } = script(body);
    await using stub = await startAirflowStub(3);
    await using engine = givenEngine(stub.url, { auth: { type: "exec", command } });
    const error = await errorOf(engine.getDag(dag));
    expect(error).toMatchObject({ code: "INSTANCE_TOKEN_COMMAND_FAILED" });
    expect(error.message).toContain(words);
    expect(error.message).not.toContain("hunter2");
  });

  it("says that the program is not there", async () => {
    await using stub = await startAirflowStub(3);
    await using engine = givenEngine(stub.url, { auth: { type: "exec", command: ["/no/such/program"] } });
    expect((await errorOf(engine.getDag(dag))).message).toContain("no such program");
  });

  it("keeps our own secrets from the command", async () => {
    const { command } = script("console.log('t' + (process.env.AIRFLEET_SECRET_KEY ?? 'none'));");
    process.env["AIRFLEET_SECRET_KEY"] = "ours";
    try {
      await using stub = await startAirflowStub(3, { "GET /dags/t_ok": { body: DAG3 } });
      await using engine = givenEngine(stub.url, { auth: { type: "exec", command } });
      await engine.getDag(dag);
      expect(authorizations(stub.calls)).toEqual(["Bearer tnone"]);
    } finally {
      delete process.env["AIRFLEET_SECRET_KEY"];
    }
  });
});

it("sends a fixed bearer token, custom headers, or nothing at all, as configured", async () => {
  await using stub = await startAirflowStub(3, { "GET /dags/t_ok": { body: DAG3 } });
  await using bearer = givenEngine(stub.url, {
    auth: { type: "bearer", token: "astro" },
    headers: { "X-Gateway-Key": "k1" },
  });
  await using none = givenEngine(stub.url, { auth: { type: "none" } });
  await bearer.getDag(dag);
  await none.getDag(dag);
  expect(stub.calls.map(({ headers }) => [headers.authorization, headers["x-gateway-key"]])).toEqual([
    ["Bearer astro", "k1"],
    [undefined, undefined],
  ]);
});
