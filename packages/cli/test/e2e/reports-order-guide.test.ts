import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { runCli, temporaryDirectory } from "../support/run-cli.ts";
import { type Served, serve } from "../support/serve.ts";

const GUIDE = readFileSync(path.resolve(import.meta.dirname, "../../../../docs/guides/reports-order.md"), "utf8");
const [show = "", reports = "", received = ""] = [...GUIDE.matchAll(/^\$ airfleet (.+?)\s+#/gm)].map(([, it]) => it);

let server: Served;
const directory = temporaryDirectory();

const ask = async (method: string, route: string, body: unknown): Promise<unknown> => {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${server.url}${route}`, { method, headers, body: JSON.stringify(body) });
  const said: unknown = await answer.json();
  if (!answer.ok) throw new Error(JSON.stringify(said));
  return said;
};

beforeAll(async () => {
  const instances = [{ id: "eu-1", url: "http://127.0.0.1:9" }];
  const settings = { instances, poll: { enabled: false } };
  writeFileSync(path.join(directory.path, "airfleet.yaml"), JSON.stringify(settings), { mode: 0o600 });
  server = await serve(directory.path);
  await ask("PUT", "/api/v1/report-sources/eu-1", { unsigned: "allow" });
}, 60_000);
afterAll(async () => {
  await server.stop();
  directory[Symbol.dispose]();
});

const airfleet = (command: string) => runCli(command.split(/\s+/), { url: server.url, cwd: directory.path });

const aReport = {
  version: 1,
  instance: "eu-1",
  dag_id: "orders_daily",
  dag_run_id: "af_01",
  sent_at: "2026-11-21T10:00:00Z",
};

describe("the guide to what a report does", { timeout: 60_000 }, () => {
  test("its commands show what was reported of a run, and of all", async () => {
    const error = { category: "docker", message: "no space left" };
    const sent = await ask("POST", "/api/v1/reports", {
      reports: [
        { ...aReport, event_id: "event-0001", run: { state: "running" }, progress: { percent: 40, title: "loading" } },
        { ...aReport, event_id: "event-0002", run: { state: "failed" }, error, results: { rows: 3 } },
        { ...aReport, event_id: "event-0002", run: { state: "failed" }, error, results: { rows: 3 } },
      ],
    });
    expect(sent).toMatchObject({ accepted: 2, duplicates: 1, rejected: 0 });
    // Told some milliseconds after the answer.
    await vi.waitFor(async () => expect((await airfleet(show)).stdout).toMatch(/STATE:\s+failed/), 20_000);
    const { stdout } = await airfleet(show);
    for (const line of [
      /PROGRESS:\s+40 %/,
      /ERROR:\s+docker: no space left/,
      /TITLE:\s+loading/,
      /RESULTS:\s+\{"rows":3\}/,
    ]) {
      expect(stdout).toMatch(line);
    }
    const listed = await airfleet(`${reports} --json`);
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { format: "native", kind: "run_state", run_state: "running" },
      { format: "native", kind: "run_state", run_state: "failed", error: true },
    ]);
    const newest = await airfleet(`${received} --json`);
    expect(JSON.parse(newest.stdout)).toMatchObject([
      { outcome: "accepted", dag_run_id: "af_01", run_state: "failed" },
      { outcome: "accepted", run_state: "running" },
    ]);
    expect(JSON.parse((await airfleet("reports received --rejected --json")).stdout)).toEqual([]);
  });
});
