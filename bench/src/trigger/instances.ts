import path from "node:path";
import { startChild } from "../child.ts";

/** One simulated instance, as a client of its API needs it. */
export interface BenchInstance {
  readonly id: string;
  readonly url: string;
  readonly generation: 2 | 3;
  readonly username: string;
  readonly password: string;
}

export interface BenchInstances extends AsyncDisposable {
  readonly list: readonly BenchInstance[];
  /** The `instances` part of an Airfleet configuration. */
  readonly configuration: readonly Readonly<Record<string, unknown>>[];
}

/** @param latencyMs How long each takes for a trigger. */
export const startInstances = async (count: number, latencyMs: number): Promise<BenchInstances> => {
  const child = await startChild({
    args: [
      "--conditions=@airfleet/source",
      path.join(import.meta.dirname, "slow-instances.ts"),
      String(count),
      String(latencyMs),
    ],
    ready: /^\{"instances"/,
  });
  const { instances } = JSON.parse(child.readyLine) as { readonly instances: readonly BenchInstance[] };
  return {
    list: instances,
    configuration: instances.map(({ id, url, username, password }) => ({
      id,
      url,
      auth: { type: "basic", username, password },
    })),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
};

/** Triggers the DAG the way a script would: one POST, straight to the instance. */
export type BarePost = (runId: string) => Promise<void>;

/** Logs in where Airflow 3 wants it, and answers what posts from then on. */
export const openBarePost = async ({ url, generation, username, password }: BenchInstance): Promise<BarePost> => {
  const login = async (): Promise<string> => {
    const answer = await fetch(`${url}/auth/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username, password }),
    });
    return `Bearer ${((await answer.json()) as { access_token: string }).access_token}`;
  };
  const basic = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const authorization = generation === 2 ? basic : await login();
  const root = generation === 2 ? "/api/v1" : "/api/v2";
  const date = generation === 2 ? {} : { logical_date: null };
  return async (runId) => {
    const answer = await fetch(`${url}${root}/dags/orders/dagRuns`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization },
      body: JSON.stringify({ dag_run_id: runId, conf: { n: 1 }, ...date }),
    });
    if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
    await answer.arrayBuffer();
  };
};
