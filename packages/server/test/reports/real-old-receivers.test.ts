import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { json } from "node:stream/consumers";
import { toDagId, toRunId } from "@airfleet/model";
import { ensureWheel, type Generation, type RunningAirflow, startAirflow } from "@airfleet/tools-engines";
import { compactVerify } from "jose";
import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { hostOf } from "../../../airflow/test/conformance/instance-under-trial.ts";

const DAGS = path.join(import.meta.dirname, "old-dags");
const PATIENCE = { timeout: 150_000, interval: 400 };
/** Each test starts an Airflow of its own. */
const TIMEOUT = { timeout: 420_000 };
const Fields = z.record(z.string(), z.unknown());
const Body = z.object({ payload: z.string().optional(), reports: z.array(Fields).optional() });
const Told = z.object({
  origin: z.string(),
  run: z.object({ state: z.string() }).optional(),
  task: z.object({ state: z.string() }).optional(),
  progress: z.object({ percent: z.number(), title: z.string() }).optional(),
});

interface Post {
  readonly route: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Answers 200 and nothing, whatever comes, as cwl-airflow-parser's `server.py`; keeps what the key has signed. */
const startOldServer = async (publicKey: KeyObject): Promise<{ posts: Post[]; refused: string[]; server: Server }> => {
  const posts: Post[] = [];
  const refused: string[] = [];
  const keep = async (request: IncomingMessage): Promise<void> => {
    const body = Body.parse(await json(request));
    if (body.reports !== undefined) {
      posts.push(...body.reports.map((payload) => ({ route: "native", payload })));
      return;
    }
    const { payload } = await compactVerify(body.payload ?? "", publicKey, { algorithms: ["RS256"] });
    posts.push({ route: request.url ?? "", payload: Fields.parse(JSON.parse(new TextDecoder().decode(payload))) });
  };
  const server = createServer((request, response) => {
    void keep(request)
      .catch((error: unknown) => refused.push(String(error)))
      .finally(() => response.writeHead(200).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { posts, refused, server };
};

const oldRoute = (name: string): string => `/satellite/v1/${name}`;

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** An Airflow whose database, and nothing else, holds the connection and the variables. */
const startWithOldNames = async (generation: Generation, format: string) => {
  const place = mkdtempSync(path.join(tmpdir(), "airfleet-old-"));
  cleanups.push(() => rmSync(place, { recursive: true, force: true }));
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const receiver = await startOldServer(publicKey);
  cleanups.push(() => {
    receiver.server.closeAllConnections();
    receiver.server.close();
  });
  const { site } = await ensureWheel();
  const airflow = await startAirflow({
    generation,
    dags: DAGS,
    pythonPath: [site],
    environment: { AIRFLEET_SPOOL_DIR: path.join(place, "spool"), AIRFLEET_REPORT_FORMAT: format },
  });
  cleanups.push(() => airflow.stop());
  await writeOldNames(airflow, place, {
    port: (receiver.server.address() as AddressInfo).port,
    privatePem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  });
  const engine = hostOf(airflow).open({});
  cleanups.push(() => engine.close());
  const start = async (dag: string): Promise<string> => {
    const runId = `old_${Date.now()}`;
    const dagId = toDagId(dag);
    await vi.waitFor(() => engine.trigger({ dagId, runId: toRunId(runId), conf: {} }), PATIENCE);
    return runId;
  };
  return { ...receiver, start };
};

const writeOldNames = async (
  airflow: RunningAirflow,
  place: string,
  { port, privatePem }: { readonly port: number; readonly privatePem: string },
): Promise<void> => {
  const extra = JSON.stringify({ endpoint: "satellite/v1/", instance: "eu-1" });
  const connection = { conn_type: "http", host: "127.0.0.1", port, extra };
  const variables = { process_report_private_key: privatePem, process_report_algorithm: "RS256" };
  writeFileSync(path.join(place, "connections.json"), JSON.stringify({ process_report: connection }));
  writeFileSync(path.join(place, "variables.json"), JSON.stringify(variables));
  await airflow.command(["connections", "import", path.join(place, "connections.json")]);
  await airflow.command(["variables", "import", path.join(place, "variables.json")]);
};

describe.each([2, 3] as const)("Airflow %i with connection and variables in its database alone", (generation) => {
  test("posts to an old receiver what the last parser posted, in its order", TIMEOUT, async () => {
    const { start, posts, refused } = await startWithOldNames(generation, "g1");
    const run_id = await start("workflow");
    const named = { dag_id: "workflow", run_id };
    await vi.waitFor(() => expect(posts.map((post) => post.route)).toContain(oldRoute("results")), PATIENCE);
    expect(refused).toEqual([]);
    expect(posts).toEqual([
      { route: oldRoute("status"), payload: { ...named, state: "running", task_id: "step" } },
      { route: oldRoute("status"), payload: { ...named, state: "up_for_retry", task_id: "step" } },
      { route: oldRoute("status"), payload: { ...named, state: "running", task_id: "step" } },
      { route: oldRoute("progress"), payload: { ...named, state: "running", progress: 50, error: "" } },
      { route: oldRoute("status"), payload: { ...named, state: "success", task_id: "step" } },
      { route: oldRoute("status"), payload: { ...named, state: "running", task_id: "CWLJobGatherer" } },
      { route: oldRoute("progress"), payload: { ...named, state: expect.anything(), progress: 100, error: "" } },
      { route: oldRoute("status"), payload: { ...named, state: "success", task_id: "CWLJobGatherer" } },
      { route: oldRoute("progress"), payload: { ...named, state: "success", progress: 100, error: "" } },
      { route: oldRoute("results"), payload: { ...named, results: { out: { class: "File", location: "x" } } } },
    ]);
  });

  test("reports in our own format to the connection's host, from callbacks and tasks too", TIMEOUT, async () => {
    const { start, posts } = await startWithOldNames(generation, "native");
    const runId = await start("calling_back");
    const told = (): readonly string[] =>
      posts.map(({ payload }) => {
        const { origin, run, task, progress } = Told.parse(payload);
        const what =
          run === undefined ? (task?.state ?? `${progress?.percent} % ${progress?.title}`) : `run ${run.state}`;
        return `${origin} ${what}`;
      });
    const expected = [
      "listener run running",
      "callback running",
      "listener running",
      "task 50 % half of it",
      "callback skipped",
      ...(generation === 3 ? ["listener skipped"] : []),
      "listener run success",
      "callback run success",
    ];
    await vi.waitFor(() => expect([...told()].sort()).toEqual([...expected].sort()), PATIENCE);
    expect(posts.every(({ payload }) => payload["instance"] === "eu-1" && payload["dag_run_id"] === runId)).toBe(true);
  });
});
