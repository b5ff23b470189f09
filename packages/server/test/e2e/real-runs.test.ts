import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { toRunKey } from "@airfleet/model";
import type { RunningAirflow } from "@airfleet/tools-engines";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { takeAirflow } from "../../../airflow/test/conformance/instance-under-trial.ts";
import { type Airfleet, startAirfleet } from "../../src/index.ts";
import { signIn } from "../support/airflow2-pages.ts";
import { memoryLogger } from "../support/serve.ts";

const PATIENCE = { timeout: 150_000, interval: 500 };
const GENERATIONS = [2, 3] as const;
const airflows = new Map<number, RunningAirflow>();
const directory = mkdtempSync(path.join(tmpdir(), "airfleet-real-runs-"));
let server: Airfleet;

beforeAll(async () => {
  for (const generation of GENERATIONS) airflows.set(generation, await takeAirflow(generation));
  const instances = [...airflows].map(([generation, { url, username, password }]) => ({
    id: `af${generation}`,
    url,
    auth: { type: "basic", username, password },
  }));
  writeFileSync(path.join(directory, "airfleet.yaml"), JSON.stringify({ instances }), { mode: 0o600 });
  server = await startAirfleet({ source: { cwd: directory, env: {}, flags: { port: 0 } }, logger: memoryLogger([]) });
});
afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true, force: true });
  for (const airflow of airflows.values()) await airflow[Symbol.asyncDispose]();
});

interface Task {
  readonly task_id: string;
  readonly map_index: number;
  readonly try_number: number;
  readonly ui_url: string;
}
interface Run {
  readonly id: string;
  readonly ui_url: string;
}

const ask = async <Answer>(route: string): Promise<Answer> => {
  const answer = await fetch(`${server.url}/api/v1${route}`);
  expect({ route, status: answer.status }).toEqual({ route, status: 200 });
  return (await answer.json()) as Answer;
};

/** Starts a run and waits until the fleet knows that it has ended. */
const aRun = async (instance: string, dag: string, state: string): Promise<Run & { readonly runId: string }> => {
  const runId = `af_runs_${randomBytes(5).toString("hex")}`;
  const started = await fetch(`${server.url}/api/v1/instances/${instance}/dags/${dag}/runs`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ dag_run_id: runId }),
  });
  expect(started.status).toBe(200);
  const run = await vi.waitFor(async () => {
    const { items } = await ask<{ items: readonly Run[] }>(`/runs?instance=${instance}&run_id=${runId}&state=${state}`);
    const [found] = items;
    if (found === undefined) throw new Error(`${runId} is not known to have ended as ${state}`);
    return found;
  }, PATIENCE);
  return { ...run, runId };
};

const logOf = (run: string, task: string): Promise<Response> =>
  fetch(`${server.url}/api/v1/runs/${run}/tasks/${task}/logs`);
const textOf = async (answer: Response): Promise<readonly string[]> =>
  (await answer.text())
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { text: string }).text);

/** The paths that the pages of an Airflow 3 know, as its own script has them. */
const readRoutes = async (page: string, { url }: RunningAirflow): Promise<string> => {
  const script = /<script type="module"[^>]* src="\.?\/?([^"]+)"/.exec(page)?.[1] ?? "";
  const seen = new Set<string>();
  const read = async (file: string): Promise<string> => {
    if (seen.has(file)) return "";
    seen.add(file);
    const text = await (await fetch(`${url}/${file}`)).text();
    if (text.includes("dags/:dagId/runs/:runId")) return text;
    const imports = [...text.matchAll(/["'`]\.\/([\w.-]+\.js)["'`]/g)].map(([, name]) => `static/assets/${name}`);
    for (const next of imports.slice(0, 20)) {
      const found = await read(next);
      if (found !== "") return found;
    }
    return "";
  };
  return read(script);
};

describe.each(GENERATIONS)("a real Airflow %i", (generation) => {
  const instance = `af${generation}`;
  test("has its log read from us after the run was deleted there", async () => {
    const { id, runId } = await aRun(instance, "af_logs", "failed");
    const { items } = await ask<{ items: readonly Task[] }>(`/runs/${id}/tasks?live=true`);
    const task = "stumble";
    expect(items.map(({ task_id }) => task_id)).toContain(task);
    const live = await logOf(id, task);
    expect(live.headers.get("airfleet-log-source")).toBe("live");
    const before = await textOf(live);
    expect(before.length).toBeGreaterThan(5);
    await vi.waitFor(async () => {
      const kept = await server.control.logs.archived(toRunKey(id));
      expect(kept.map(({ taskId }) => taskId)).toContain(task);
    }, PATIENCE);
    await fetch(`${server.url}/api/v1/instances/${instance}/dags/af_logs/runs/${runId}`, { method: "DELETE" });
    const after = await vi.waitFor(async () => {
      const answer = await logOf(id, task);
      expect(answer.headers.get("airfleet-log-source")).toBe("archive");
      return textOf(answer);
    }, PATIENCE);
    // Airflow 3 writes some lines after the end, and both name the place of the log in their own way.
    expect(after).toEqual(expect.arrayContaining(before.filter((text) => text.includes("purpose"))));
    expect(Math.abs(after.length - before.length)).toBeLessThan(5);
  });
});

const airflow = (generation: number): RunningAirflow => {
  const found = airflows.get(generation);
  if (found === undefined) throw new Error(`no Airflow ${generation}`);
  return found;
};

/** Every link to a run of three mapped tasks, and the one to the last of them. */
const linksOf = async (instance: string) => {
  const run = await aRun(instance, "af_mapped", "success");
  const { items } = await ask<{ items: readonly Task[] }>(`/runs/${run.id}/tasks?live=true`);
  const mapped = items.find(({ map_index }) => map_index === 2)?.ui_url ?? "";
  return { links: [run.ui_url, ...items.map(({ ui_url }) => ui_url)], mapped };
};

describe("our links", () => {
  test("name pages of a real Airflow 2, mapped tasks included", async () => {
    const { links, mapped } = await linksOf("af2");
    expect(mapped).toMatch(/\/dags\/af_mapped\/grid\?dag_run_id=.+&task_id=.+&tab=logs&map_index=2$/);
    expect(links.filter((link) => link.includes("map_index=-1"))).toEqual([]);
    const { cookie } = await signIn(airflow(2));
    for (const link of links) {
      const page = await fetch(link, { headers: { cookie }, redirect: "manual" });
      expect({ link, status: page.status }).toEqual({ link, status: 200 });
      expect(await page.text()).toContain("af_mapped");
    }
  });

  test("name pages that the script of a real Airflow 3 has routes for", async () => {
    const { links, mapped } = await linksOf("af3");
    expect(mapped).toMatch(/\/dags\/af_mapped\/runs\/.+\/tasks\/[^/]+\/mapped\/2\?try_number=1$/);
    expect(links.filter((link) => link.includes("mapped/-1"))).toEqual([]);
    const page = await fetch(mapped);
    expect(page.status).toBe(200);
    const routes = await readRoutes(await page.text(), airflow(3));
    for (const route of [
      "dags/:dagId/runs/:runId",
      "dags/:dagId/runs/:runId/tasks/:taskId",
      "dags/:dagId/runs/:runId/tasks/:taskId/mapped/:mapIndex",
    ]) {
      expect(routes).toMatch(new RegExp(`["'\`]${route}["'\`]`));
    }
    expect(routes).toMatch(/TRY_NUMBER=["'`]try_number["'`]/);
  });
});
