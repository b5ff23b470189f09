import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { type AirfleetError, InstanceConfig, isAirfleetError, resolveInstanceConfig } from "@airfleet/model";
import { afterEach } from "vitest";
import { z } from "zod";
import { createDagsterEngine, type DagsterEngineOptions } from "../src/index.ts";

/** One request as the stub got it. */
export interface Asked {
  readonly operationName: string;
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

export interface Reply {
  readonly status?: number;
  readonly type?: string;
  /** Text as it is, all else as JSON. `drop`: the connection is cut instead. */
  readonly body: unknown;
  readonly drop?: boolean;
}

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

const AskedShape = z.object({
  operationName: z.string(),
  query: z.string(),
  variables: z.record(z.string(), z.unknown()),
});

/** Two jobs in one location. */
export const NAMES = {
  workspaceOrError: {
    __typename: "Workspace",
    locationEntries: [
      {
        name: "lab",
        updatedTimestamp: 1_795_177_000,
        locationOrLoadError: {
          __typename: "RepositoryLocation",
          repositories: [
            {
              name: "__repository__",
              jobs: [
                { name: "guarded", tags: [{ key: "airfleet/runtime", value: "1" }], runTags: [] },
                { name: "plain", tags: [], runTags: [{ key: "airfleet/tenant", value: "acme" }] },
              ],
            },
          ],
        },
      },
    ],
  },
};

/** A Dagster that answers as told, by operation; names of jobs are answered by itself. */
export const givenDagster = async (
  replies: Readonly<Record<string, (asked: Asked) => Reply>>,
  options: Partial<DagsterEngineOptions> & { readonly timeoutMs?: number } = {},
) => {
  const asked: Asked[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const one = AskedShape.parse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
    asked.push(one);
    const reply = replies[one.operationName] ?? (one.operationName === "Names" ? () => data(NAMES) : undefined);
    const { status = 200, type, body, drop = false } = reply?.(one) ?? { status: 404, body: "nobody expected this" };
    if (drop) return void request.socket.destroy();
    const isText = typeof body === "string";
    response.writeHead(status, { "content-type": type ?? (isText ? "text/plain" : "application/json") });
    return void response.end(isText ? body : JSON.stringify(body));
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = InstanceConfig.parse({
    id: "lab",
    engine: "dagster",
    url,
    limits: { timeout_ms: options.timeoutMs ?? 5_000 },
  });
  const engine = createDagsterEngine({ config: resolveInstanceConfig(config, () => ""), ...options });
  cleanUps.push(async () => {
    await engine.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { engine, asked, operations: () => asked.map(({ operationName }) => operationName) };
};

export const data = (value: unknown): Reply => ({ body: { data: value } });

/** The error that a call ends with. */
export const errorOf = async (call: Promise<unknown>): Promise<AirfleetError> => {
  try {
    await call;
  } catch (error) {
    if (isAirfleetError(error)) return error;
    throw error;
  }
  throw new Error("it did not fail");
};

const Sample = z.object({ response: z.object({ status: z.number(), body: z.unknown() }) });

/** An answer of a real Dagster 1.13.27. */
export const sample = async (name: string): Promise<{ readonly status: number; readonly body: unknown }> => {
  const file = path.join(import.meta.dirname, "samples", `${name}.json`);
  return Sample.parse(JSON.parse(await readFile(file, "utf8"))).response;
};

/** A run as Dagster answers it. */
export const row = (fields: Record<string, unknown> = {}) => ({
  runId: "00000000-0000-4000-8000-000000000001",
  status: "QUEUED",
  jobName: "guarded",
  runConfig: {},
  creationTime: 1_795_177_476.998163,
  startTime: null,
  endTime: null,
  updateTime: 1_795_177_476.998163,
  rootRunId: null,
  parentRunId: null,
  tags: [
    { key: "airfleet/runtime", value: "1" },
    { key: "airfleet/run_id", value: "ours-1" },
    { key: "airfleet/launch_id", value: "ours-1" },
  ],
  repositoryOrigin: { repositoryLocationName: "lab", repositoryName: "__repository__" },
  ...fields,
});

/** An answer to a document of several lookups. */
export const found = (...rows: readonly (readonly object[])[]): Reply =>
  data(Object.fromEntries(rows.map((results, index) => [`q${index}`, { __typename: "Runs", results }])));
