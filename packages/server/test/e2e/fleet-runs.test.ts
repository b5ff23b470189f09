import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { DAGS, type SimulatedFleet, startSimulatedFleet } from "../support/simulated-fleet.ts";

const PATIENCE = { timeout: 30_000, interval: 100 };

interface FleetRun {
  readonly id: string;
  readonly instance: string;
  readonly dag_run_id: string;
  readonly state: string;
  readonly conf: Record<string, unknown>;
  readonly ui_url: string;
  readonly [key: string]: unknown;
}
interface Page {
  readonly items: readonly FleetRun[];
  readonly next_cursor: string | null;
}

let fleet: SimulatedFleet;
beforeAll(async () => {
  fleet = await startSimulatedFleet({ dags: DAGS, yaml: { logs: { archive: "all" } } });
});
afterAll(() => fleet[Symbol.asyncDispose]());

const ask = async <Answer>(path: string, status = 200): Promise<Answer> => {
  const answer = await fleet.send("GET", `/api/v1${path}`);
  expect({ path, ...answer }).toMatchObject({ path, status });
  return answer.body as Answer;
};
const list = (query: Readonly<Record<string, string>>): Promise<Page> =>
  ask<Page>(`/runs?${new URLSearchParams(query).toString()}`);
const start = async (instance: string, dag: string, runId: string, conf: object = {}): Promise<void> => {
  const path = `/api/v1/instances/${instance}/dags/${dag}/runs`;
  expect((await fleet.send("POST", path, { dag_run_id: runId, conf })).status).toBe(200);
};
/** The run, once the fleet knows of its end. */
const ended = (instance: string, runId: string, state: string): Promise<FleetRun> =>
  vi.waitFor(async () => {
    const { items } = await list({ instance, run_id: runId, state });
    const [run] = items;
    if (run === undefined) throw new Error(`${runId} has not ended as ${state}`);
    return run;
  }, PATIENCE);

const CLIENTS = ["client1", "client3"] as const;

describe.each(CLIENTS)("the runs of %s", (client) => {
  test("are found by what is known of them", async () => {
    await start(client, "failing", `bad-${client}`, { collection: `c-${client}` });
    const run = await ended(client, `bad-${client}`, "failed");
    expect(run).toMatchObject({
      id: expect.stringMatching(/^run_[a-z2-7]{52}$/) as unknown,
      instance: client,
      dag_id: "failing",
      partial: false,
      engine_gone_at: null,
      subjects: [],
      subjects_total: 0,
    });
    const queries: readonly Readonly<Record<string, string>>[] = [
      { conf: `collection:c-${client}` },
      { selector: `instance=${client} dag=fail* !later_success` },
      { instance: client, failed_without_later_success: "true", dag_id: "failing" },
      { selector: `conf.collection=c-${client}` },
      { run_id: `bad-${client}`, started_from: "2020-01-01T00:00:00Z", min_duration: "0" },
    ];
    for (const query of queries) {
      const found = (await list(query)).items.map(({ id }) => id);
      expect({ query, found }).toEqual({ query, found: expect.arrayContaining([run.id]) as unknown });
    }
    expect((await list({ conf: "collection:other" })).items).toEqual([]);
    expect((await list({ selector: `conf.collection=c-${client} instance!=${client}` })).items).toEqual([]);
  });

  test("are read by their key: the run, its tasks, tries, observations and log", async () => {
    await start(client, "orders", `good-${client}`);
    const { id } = await ended(client, `good-${client}`, "success");
    expect(await ask(`/runs/${id}?live=true`)).toMatchObject({ id, state: "success", instance: client });
    const tasks = await ask<{ items: { task_id: string; ui_url: string }[]; source: string }>(
      `/runs/${id}/tasks?live=true`,
    );
    expect(tasks.source).toBe("live");
    expect(tasks.items.map(({ task_id }) => task_id).toSorted()).toEqual(["extract", "load"]);
    expect(await ask(`/runs/${id}/tasks/load/tries`)).toMatchObject({ items: [{ task_id: "load", try_number: 1 }] });
    const { items } = await ask<{ items: { state: string }[] }>(`/runs/${id}/observations`);
    expect(items.at(-1)).toMatchObject({ state: "success" });
    const log = await fetch(`${fleet.airfleet.url}/api/v1/runs/${id}/tasks/load/logs?tail=1`);
    expect(log.headers.get("airfleet-log-source")).toBe("live");
    expect((await log.text()).trim().split("\n")).toHaveLength(1);
    const text = await fetch(`${fleet.airfleet.url}/api/v1/runs/${id}/tasks/load/logs`, {
      headers: { accept: "text/plain" },
    });
    expect(text.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(await text.text()).toMatch(/load is done/);
  });

  test("are cleared and stopped by their key", async () => {
    await start(client, "orders", `again-${client}`);
    const { id } = await ended(client, `again-${client}`, "success");
    const clear = await fleet.send("POST", `/api/v1/runs/${id}/clear`, { dry_run: true, only_failed: false });
    expect(clear).toMatchObject({ status: 200, body: { verb: "run:clear", instance: client } });
    const stop = await fleet.send("POST", `/api/v1/runs/${id}/stop`, {});
    expect(stop).toMatchObject({ status: 200, body: { verb: "run:stop", instance: client } });
  });

  test("keep their log when the engine has dropped them", async () => {
    await start(client, "failing", `gone-${client}`);
    const { id } = await ended(client, `gone-${client}`, "failed");
    await vi.waitFor(async () => {
      const metrics = await (await fetch(`${fleet.airfleet.url}/metrics`)).text();
      expect(metrics).toMatch(/log_archive_total\{outcome="kept"\} [1-9]/);
      const path = `/api/v1/instances/${client}/dags/failing/runs/gone-${client}`;
      const found = await fleet.airfleet.control.logs.archived(id as never);
      expect(found).toHaveLength(1);
      expect((await fleet.send("DELETE", path)).status).toBe(200);
    }, PATIENCE);
    const log = await fetch(`${fleet.airfleet.url}/api/v1/runs/${id}/tasks/breaks/logs`);
    expect(log.status).toBe(200);
    expect(log.headers.get("airfleet-log-source")).toBe("archive");
    expect(Date.parse(log.headers.get("airfleet-log-archived-at") ?? "")).toBeGreaterThan(0);
    expect(await log.text()).toContain("Running breaks");
    await vi.waitFor(async () => {
      expect(await ask(`/runs/${id}`)).toMatchObject({
        state: "failed",
        engine_gone_at: expect.any(String) as unknown,
      });
    }, PATIENCE);
  });
});

test.each([
  ["selector=stat%3Dfailed", "SELECTOR_INVALID"],
  ["selector=paused%3Dyes", "SELECTOR_INVALID"],
  ["conf=novalue", "REQUEST_INVALID"],
  ["subject_type=a", "REQUEST_INVALID"],
  ["due_from=2026-11-20T00:00:00", "REQUEST_INVALID"],
  ["due_from=2026-11-20T00:00:00Z&due_to=2026-11-19T00:00:00Z", "REQUEST_INVALID"],
  ["min_duration=5&max_duration=5", "REQUEST_INVALID"],
  ["min_duration=-1", "REQUEST_INVALID"],
  ["state=broken", "REQUEST_INVALID"],
  ["cursor=zzz", "CURSOR_INVALID"],
  ["unknown=1", "REQUEST_INVALID"],
  ["state=failed&state=success", "REQUEST_INVALID"],
])("refuses ?%s with %s", async (query, code) => {
  expect(await ask(`/runs?${query}`, 400)).toMatchObject({ code });
});

test("finds nothing for subjects and conf keys of any alphabet and length, without harm", async () => {
  for (const subject_id of ["a/b", "ä漢🎈", "x".repeat(2_000), "'; drop table runs; --", "%00"]) {
    expect((await list({ subject_type: "finding-aid", subject_id })).items).toEqual([]);
  }
  expect((await list({ conf: "__proto__:x" })).items).toEqual([]);
  expect(await ask("/runs/run_none", 404)).toMatchObject({ code: "RUN_KEY_UNKNOWN" });
});
