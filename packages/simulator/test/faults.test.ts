import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import {
  createManualClock,
  createSimulator,
  type DagSpec,
  type Fault,
  type Generation,
  type SimulatedInstance,
  type Simulator,
} from "@airfleet/simulator";
import { type Api, createApi } from "./api.ts";

const open: Simulator[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

const dags: readonly DagSpec[] = [{ dagId: "x", tasks: [{ taskId: "a" }] }];

const start = async (
  generation: Generation = 3,
): Promise<{ readonly instance: SimulatedInstance; readonly api: Api }> => {
  const simulator = createSimulator({ clock: createManualClock() });
  open.push(simulator);
  const instance = await simulator.addInstance({ id: "one", generation, dags });
  return { instance, api: await createApi(instance) };
};

test("answers 429 with Retry-After as often as asked, and counts it", async () => {
  const { instance, api } = await start();
  const fault = instance.faults.add({
    fault: { kind: "status", status: 429, retryAfterSeconds: 7 },
    path: "/api/v2/dags",
    times: 2,
  });
  const replies = [
    await api.send("GET", "/dags"),
    await api.send("GET", "/version"),
    await api.send("GET", "/dags"),
    await api.send("GET", "/dags"),
  ];
  expect(replies.map((reply) => reply.status)).toEqual([429, 200, 429, 200]);
  expect(replies[0]?.headers.get("retry-after")).toBe("7");
  expect(fault.fired).toBe(2);
  expect(instance.faults.fired).toBe(2);
});

test("does not carry out a request that it answers with an error", async () => {
  const { instance, api } = await start();
  instance.faults.add({
    fault: { kind: "status", status: 503, body: { detail: "overloaded" } },
    method: "POST",
    times: 1,
  });
  const reply = await api.send("POST", "/dags/x/dagRuns", { dag_run_id: "r", logical_date: null });
  expect([reply.status, reply.body]).toEqual([503, { detail: "overloaded" }]);
  expect(instance.world.runs).toHaveLength(0);
});

test("carries out a request and then cuts the connection when its answer is to be lost", async () => {
  for (const generation of [2, 3] as const) {
    const { instance, api } = await start(generation);
    const fault = instance.faults.add({
      fault: { kind: "lost answer" },
      method: "POST",
      path: "/api/*/dags/*/dagRuns",
      times: 1,
    });
    await expect(api.trigger("x", "r")).rejects.toThrow("fetch failed");
    expect(fault.fired).toBe(1);
    expect(instance.world.runs.map((run) => run.runId)).toEqual(["r"]);
  }
});

test("cuts the connection without carrying the request out on reset", async () => {
  const { instance, api } = await start();
  const fault = instance.faults.add({ fault: { kind: "reset" }, times: 1 });
  await expect(api.trigger("x", "r")).rejects.toThrow("fetch failed");
  expect(fault.fired).toBe(1);
  expect(instance.world.runs).toHaveLength(0);
});

test("takes a request and never answers it when it hangs", async () => {
  const { instance } = await start();
  const fault = instance.faults.add({ fault: { kind: "hang" } });
  const abort = new AbortController();
  const pending = fetch(`${instance.url}/api/v2/version`, { signal: abort.signal });
  await fault.whenFired();
  // Another request without the fault is answered meanwhile, so the first one had its time.
  fault.remove();
  expect((await fetch(`${instance.url}/api/v2/version`)).status).toBe(200);
  abort.abort();
  await expect(pending).rejects.toThrow("aborted");
  expect(instance.requests.all({ path: "/api/v2/version" }).map((request) => request.status)).toEqual([0, 200]);
});

test("waits before it answers when it is slow", async () => {
  const { instance } = await start();
  instance.faults.add({ fault: { kind: "latency", ms: 120, jitterMs: 30 } });
  const before = performance.now();
  await fetch(`${instance.url}/api/v2/version`);
  expect(performance.now() - before).toBeGreaterThanOrEqual(115);
});

const answered = async (fault: Fault): Promise<{ readonly response: Response; readonly text: string }> => {
  const { instance } = await start();
  instance.faults.add({ fault });
  const response = await fetch(`${instance.url}/api/v2/version`, { redirect: "manual" });
  return { response, text: await response.text() };
};

test("answers like a proxy's sign-in page: HTML with status 200", async () => {
  const { response, text } = await answered({ kind: "login page" });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  expect(text).toContain("<form");
});

test("redirects to the sign-in", async () => {
  const { response } = await answered({ kind: "redirect" });
  expect([response.status, response.headers.get("location")]).toEqual([302, "/login/"]);
});

test("sends half of the JSON, well-formed as HTTP", async () => {
  const { response, text } = await answered({ kind: "truncated json" });
  expect(response.status).toBe(200);
  expect(text).toMatch(/^\{"version":"3\.3\.2"/);
  expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
});

test("breaks off in the middle of the body", async () => {
  await expect(answered({ kind: "truncated json", cuts: true })).rejects.toThrow("terminated");
});

test("sends a JSON body as large as asked", async () => {
  const { text } = await answered({ kind: "huge json", megabytes: 3 });
  expect(text.length).toBeGreaterThan(3 * 1024 * 1024);
  expect(Object.keys(JSON.parse(text) as object)).toEqual(["filler"]);
});

test("says another content type than it sends", async () => {
  const { response, text } = await answered({ kind: "wrong content type", contentType: "text/plain" });
  expect(response.headers.get("content-type")).toBe("text/plain");
  expect(JSON.parse(text)).toHaveProperty("version");
});

test("lets the body drip, and sends all of it", async () => {
  const before = performance.now();
  const { text } = await answered({ kind: "slow body", chunkBytes: 20, everyMs: 15 });
  expect(JSON.parse(text)).toHaveProperty("version", "3.3.2");
  expect(performance.now() - before).toBeGreaterThanOrEqual(45);
});

test("answers stale reads from when the fault was set, while writes go through", async () => {
  const { instance, api } = await start();
  const fault = instance.faults.add({ fault: { kind: "stale reads" } });
  await api.trigger("x", "r");
  expect((await api.send("GET", "/dags/x/dagRuns/r")).status).toBe(404);
  expect(fault.fired).toBeGreaterThan(0);
  fault.remove();
  expect((await api.send("GET", "/dags/x/dagRuns/r")).status).toBe(200);
});

test("fires only behind the requests that it was told to let pass", async () => {
  const { instance, api } = await start();
  instance.faults.add({ fault: { kind: "status", status: 500 }, path: /\/dags$/, after: 2, times: 1 });
  const statuses: number[] = [];
  for (let call = 0; call < 4; call++) statuses.push((await api.send("GET", "/dags")).status);
  expect(statuses).toEqual([200, 200, 500, 200]);
});

const patternOfFaults = async (): Promise<number[]> => {
  const { instance } = await start();
  instance.faults.add({ fault: { kind: "status", status: 500 }, probability: 0.5 });
  const statuses: number[] = [];
  for (let call = 0; call < 30; call++) statuses.push((await fetch(`${instance.url}/api/v2/version`)).status);
  return statuses;
};

test("fires for the same requests again when the seed is the same", async () => {
  const first = await patternOfFaults();
  expect(new Set(first)).toEqual(new Set([200, 500]));
  expect(await patternOfFaults()).toEqual(first);
});

const isRefused = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => resolve(true));
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
  });

test("refuses connections while it is down, and comes back on the same port with what it knew", async () => {
  const { instance, api } = await start();
  await api.trigger("x", "r");
  const { port } = instance;
  await instance.down();
  expect(await isRefused(port)).toBe(true);
  await instance.up();
  expect(instance.port).toBe(port);
  expect((await api.send("GET", "/dags/x/dagRuns/r")).status).toBe(200);
});

test("keeps the faults of one instance away from the others", async () => {
  const [first, second] = [await start(2), await start(3)];
  first.instance.faults.add({ fault: { kind: "status", status: 500 } });
  expect((await first.api.send("GET", "/version")).status).toBe(500);
  expect((await second.api.send("GET", "/version")).status).toBe(200);
});
