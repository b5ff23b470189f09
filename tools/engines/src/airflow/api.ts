import { z } from "zod";
import type { Generation } from "../state/instance-state.ts";

/**
 * The few reads of Airflow's REST API that tell when an engine is ready. Deliberately not the product's client:
 * this tool is what that client is tested against.
 */
export interface AirflowAddress {
  readonly generation: Generation;
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/** A webserver of Airflow 2 answers its first request only after several seconds of imports. */
const TIMEOUT_MS = 20_000;
const PAGE_SIZE = 100;

const Part = z.object({ status: z.string().nullable() });
const Health = z.object({
  metadatabase: Part,
  scheduler: Part,
  triggerer: Part.nullish(),
  dag_processor: Part.nullish(),
});

const Dags = z.object({
  dags: z.array(z.object({ dag_id: z.string(), fileloc: z.string() })),
  total_entries: z.int(),
});
const ImportErrors = z.object({ import_errors: z.array(z.object({ filename: z.string() })) });
const Token = z.object({ access_token: z.string() });

const fetchJson = async (url: string, init: RequestInit = {}): Promise<unknown> => {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${new URL(url).pathname} answers ${response.status}`);
  return await response.json();
};

const HEALTH_PATHS: Readonly<Record<Generation, string>> = { 2: "/api/v1/health", 3: "/api/v2/monitor/health" };
const API_ROOTS: Readonly<Record<Generation, string>> = { 2: "/api/v1", 3: "/api/v2" };
/** Parts that this tool starts for the generation, and which must therefore be healthy. */
const EXPECTED_PARTS = {
  2: ["metadatabase", "scheduler"],
  3: ["metadatabase", "scheduler", "dag_processor", "triggerer"],
} as const satisfies Record<Generation, readonly (keyof z.infer<typeof Health>)[]>;

/** The parts that do not say "healthy". @throws while the server does not answer. */
export const findUnhealthyParts = async ({ generation, url }: AirflowAddress): Promise<readonly string[]> => {
  const health = Health.parse(await fetchJson(`${url}${HEALTH_PATHS[generation]}`));
  return EXPECTED_PARTS[generation].filter((part) => health[part]?.status !== "healthy");
};

/** A header that signs requests in. Airflow 3 needs a token for it. */
export const authorize = async ({
  generation,
  url,
  username,
  password,
}: AirflowAddress): Promise<Record<string, string>> => {
  if (generation === 2) return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` };
  const body = JSON.stringify({ username, password });
  const answer = await fetchJson(`${url}/auth/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  return { authorization: `Bearer ${Token.parse(answer).access_token}` };
};

export interface ParsedFiles {
  /** Ids of all DAGs that are not stale. */
  readonly dagIds: readonly string[];
  /** Files that gave DAGs or an import error: absolute, or relative to the DAG folder (import errors of Airflow 3). */
  readonly files: ReadonlySet<string>;
}

/** What the engine has read of its DAG folder so far. */
export const readParsedFiles = async (
  address: AirflowAddress,
  headers: Record<string, string>,
): Promise<ParsedFiles> => {
  const root = `${address.url}${API_ROOTS[address.generation]}`;
  const dags: z.infer<typeof Dags>["dags"] = [];
  for (let total = 1; dags.length < total; ) {
    const page = Dags.parse(await fetchJson(`${root}/dags?limit=${PAGE_SIZE}&offset=${dags.length}`, { headers }));
    dags.push(...page.dags);
    // A list that shrinks while it is read would never be complete.
    total = page.dags.length === 0 ? 0 : page.total_entries;
  }
  const errors = ImportErrors.parse(await fetchJson(`${root}/importErrors?limit=${PAGE_SIZE}`, { headers }));
  return {
    dagIds: dags.map((dag) => dag.dag_id),
    files: new Set([...dags.map((dag) => dag.fileloc), ...errors.import_errors.map((error) => error.filename)]),
  };
};
