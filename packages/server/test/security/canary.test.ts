import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { ROUTES, type RouteId } from "@airfleet/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SEED_ROUTES } from "../../src/compat/multi-client/surface.ts";
import { type Airfleet, startAirfleet } from "../../src/index.ts";
import { sampleRequest } from "../support/sample-requests.ts";
import { memoryLogger } from "../support/serve.ts";

const CANARY = "c4n4ry";
/** A different word in each place, so that a leak names where it came from. */
const secret = (place: string): string => `${CANARY}-${place}`;

/** Answers like a server that wants other credentials, and repeats in its words what it was sent. */
const startEcho = async (): Promise<{ readonly url: string; readonly close: () => void }> => {
  const server = createServer((request, response) => {
    const said = JSON.stringify({ headers: request.headers, url: request.url });
    const plain = Buffer.from((request.headers.authorization ?? "").replace(/^\w+ /, ""), "base64").toString();
    response.writeHead(request.url?.includes("version") === true ? 200 : 500, { "content-type": "application/json" });
    response.end(JSON.stringify({ version: "2.11.2", detail: `${said} ${plain}`, title: said, status: 500 }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    close: () => server.close(),
  };
};

let directory: string;
let airfleet: Airfleet;
let echo: Awaited<ReturnType<typeof startEcho>>;
const log: string[] = [];

beforeAll(async () => {
  echo = await startEcho();
  directory = mkdtempSync(path.join(tmpdir(), "airfleet-canary-"));
  const write = (name: string, text: string): string => {
    const file = path.join(directory, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const file = write("secret.txt", secret("file"));
  const { url } = echo;
  const instances = [
    {
      id: "basic",
      url,
      auth: { type: "basic", username: "me", password: secret("basic") },
      headers: { "x-gate": secret("header") },
    },
    { id: "bearer", url, auth: { type: "bearer", token: secret("bearer") } },
    { id: "login", url, auth: { type: "login", username: "me", password: { env: "LOGIN_PASSWORD" } } },
    { id: "fromfile", url, auth: { type: "basic", username: "me", password: { file } } },
    {
      id: "exec",
      url,
      auth: {
        type: "exec",
        command: ["/bin/sh", "-c", 'echo "$TOKEN"; echo "$TOKEN" >&2; exit 1'],
        env: { TOKEN: secret("exec") },
      },
    },
    {
      id: "mwaa",
      url,
      auth: {
        type: "mwaa",
        environment: "e",
        region: "eu-west-1",
        endpoint: url,
        access_key_id: secret("key-id"),
        secret_access_key: secret("aws"),
        session_token: secret("session"),
      },
    },
    // No key at all: so that its text would have every reason to be quoted.
    { id: "jwt", url, auth: { type: "jwt", algorithm: "EdDSA", key: secret("jwt") } },
    {
      id: "tls",
      url: url.replace("http:", "https:"),
      auth: { type: "none" },
      tls: { key: `-----BEGIN PRIVATE KEY-----\n${secret("tls")}\n-----END PRIVATE KEY-----` },
    },
  ].map((instance) => ({ ...instance, tier: "development", limits: { timeout_ms: 2_000 } }));
  write("airfleet.yaml", JSON.stringify({ instances }));
  airfleet = await startAirfleet({
    source: { cwd: directory, env: { LOGIN_PASSWORD: secret("env") }, flags: { port: 0 } },
    logger: memoryLogger(log),
  });
});
afterAll(async () => {
  await airfleet.close();
  echo.close();
  rmSync(directory, { recursive: true, force: true });
});

/** A secret also leaks in the forms that HTTP and JSON give it. */
const leaksIn = (text: string): readonly string[] => {
  const forms = [
    text,
    ...(text.match(/[A-Za-z0-9+/_-]{16,}={0,2}/g) ?? []).map((word) => Buffer.from(word, "base64").toString("latin1")),
  ];
  return forms.flatMap((form) => form.match(new RegExp(`${CANARY}-[\\w-]+`, "g")) ?? []);
};

const collected: { readonly from: string; readonly text: string }[] = [];
const call = async (method: string, route: string, body?: unknown): Promise<void> => {
  const answer = await fetch(`${airfleet.url}${route}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  collected.push({ from: `${method} ${route}`, text: `${JSON.stringify([...answer.headers])}${await answer.text()}` });
};

test("no credential of any configured place appears in a log line, an error, the audit trail, OpenAPI or an answer", async () => {
  for (const id of ["basic", "bearer", "login", "fromfile", "exec", "mwaa", "jwt", "tls"]) {
    await call("POST", `/api/v1/instances/${id}/probe`);
    for (const route of Object.keys(ROUTES) as RouteId[]) {
      if (!ROUTES[route].path.includes("{instance}")) continue;
      const request = sampleRequest(route, { instance: id });
      await call(request.method, request.path, request.body);
    }
    await call("GET", `/api/v1/instances/${id}/dags/d/runs/r/tasks/t/logs?try_number=1`);
  }
  for (const route of SEED_ROUTES) {
    const body = route.method === "GET" ? undefined : { new_state: "success" };
    await call(route.method, route.path.replaceAll(/:[a-z_]+/g, "x"), body);
  }
  const stored = {
    id: "stored",
    url: echo.url,
    auth: { type: "basic", username: "me", password: secret("stored") },
    headers: { "x-gate": secret("stored-header") },
  };
  await call("POST", "/api/v1/instances", stored);
  await call("POST", "/api/v1/instances", { ...stored, id: "bad id", tier: secret("tier").slice(0, 3) });
  await call("PUT", "/api/v1/instances/stored/config/variable/v", { value: secret("variable") });
  await call("PUT", "/api/v1/instances/stored/config/connection/c", {
    conn_type: "http",
    password: secret("connection"),
    extra: "{}",
  });
  for (const route of [
    "/openapi.json",
    "/metrics",
    "/version",
    "/readyz",
    "/api/v1/instances",
    "/api/v1/instances/stored",
    "/api/v1/settings",
    "/api/v1/audit?limit=1000",
    "/api/v1/actions?limit=1000",
    "/api/clients",
    "/health",
  ]) {
    await call("GET", route);
  }
  expect(collected.length).toBeGreaterThan(150);
  const leaks = [...collected, ...log.map((text) => ({ from: "log", text }))]
    .map(({ from, text }) => ({ from, leaks: [...new Set(leaksIn(text))] }))
    .filter(({ leaks: found }) => found.length > 0);
  expect(leaks).toEqual([]);
}, 120_000);

test("the search finds a canary, in clear and in base64", () => {
  expect(leaksIn(`x ${secret("basic")} y`)).toEqual([secret("basic")]);
  expect(leaksIn(`Basic ${Buffer.from(`me:${secret("basic")}`).toString("base64")}`)).toEqual([secret("basic")]);
});
