import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const CHILD = path.resolve(import.meta.dirname, "../support/serve-in-child.ts");

let directory: string;
let slow: Server;
/** Answers of the slow Airflow that wait to be let go. */
let waiting: (() => void)[];
const children: ChildProcess[] = [];

const writeClients = (names: readonly string[]): void => {
  const address = slow.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  const clients = names.map((name) => ({
    client_id: name,
    client_name: name,
    airflow_url: url,
    username: "u",
    password: "p",
    enabled: true,
  }));
  writeFileSync(path.join(directory, "config/clients.json"), JSON.stringify({ airflow_clients: clients }), {
    mode: 0o600,
  });
};

beforeEach(async () => {
  waiting = [];
  slow = createServer((request, response) => {
    const answer = (body: object): void =>
      void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (request.url?.includes("/version") === true) answer({ version: "2.11.2", git_version: null });
    else waiting.push(() => answer({ dags: [], total_entries: 0 }));
  });
  slow.listen(0, "127.0.0.1");
  await once(slow, "listening");
  directory = mkdtempSync(path.join(tmpdir(), "airfleet-stop-"));
  mkdirSync(path.join(directory, "config"));
  writeFileSync(path.join(directory, "airfleet.yaml"), "poll: { enabled: false }\n");
  writeClients(["client1"]);
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  slow.closeAllConnections();
  slow.close();
  rmSync(directory, { recursive: true, force: true });
});

const start = async (): Promise<{ readonly child: ChildProcess; readonly url: string; readonly log: () => string }> => {
  const child = spawn(process.execPath, ["--conditions=@airfleet/source", CHILD, directory], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let said = "";
  child.stdout.on("data", (data: Buffer) => (said += data.toString()));
  child.stderr.on("data", (data: Buffer) => (said += data.toString()));
  const url = await vi.waitFor(
    () => {
      const found = /Airfleet listens on (\S+)/.exec(said)?.[1];
      if (found === undefined) throw new Error(`not started: ${said}`);
      return found;
    },
    { timeout: 20_000, interval: 50 },
  );
  return { child, url, log: () => said };
};
const exitOf = async (child: ChildProcess): Promise<number | null> => {
  if (child.exitCode !== null) return child.exitCode;
  const [code] = (await once(child, "exit")) as [number | null];
  return code;
};

test("SIGTERM: /readyz turns 503 at once, a request in flight ends well, then the process exits 0", async () => {
  const { child, url } = await start();
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  const inFlight = fetch(`${url}/api/dags`);
  await vi.waitFor(() => expect(waiting).toHaveLength(1), { timeout: 5_000 });
  child.kill("SIGTERM");
  await vi.waitFor(
    async () => {
      const ready = await fetch(`${url}/readyz`);
      expect([ready.status, await ready.json()]).toEqual([503, { status: "draining" }]);
    },
    { timeout: 5_000 },
  );
  expect(child.exitCode).toBeNull();
  waiting[0]?.();
  const answer = await inFlight;
  expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ successful_clients: 1 })]);
  expect(await exitOf(child)).toBe(0);
});

test("a second signal exits 1 at once", async () => {
  const { child, url } = await start();
  const inFlight = fetch(`${url}/api/dags`).catch(() => undefined);
  await vi.waitFor(() => expect(waiting).toHaveLength(1), { timeout: 5_000 });
  child.kill("SIGTERM");
  await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(503), { timeout: 5_000 });
  child.kill("SIGTERM");
  expect(await exitOf(child)).toBe(1);
  await inFlight;
});

test("a changed clients.json and SIGHUP change the fleet without a restart; a broken one changes nothing", async () => {
  const { child, url, log } = await start();
  const clients = async (): Promise<number> =>
    ((await (await fetch(`${url}/api/clients`)).json()) as { total_clients: number }).total_clients;
  expect(await clients()).toBe(1);
  writeClients(["client1", "client2"]);
  await vi.waitFor(async () => expect(await clients()).toBe(2), { timeout: 5_000 });
  writeFileSync(path.join(directory, "config/clients.json"), "{ broken", { mode: 0o600 });
  child.kill("SIGHUP");
  await vi.waitFor(() => expect(log()).toContain("cannot be used; the old one stays"), { timeout: 5_000 });
  expect(await clients()).toBe(2);
  child.kill("SIGTERM");
  expect(await exitOf(child)).toBe(0);
});
