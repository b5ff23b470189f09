import type { SimulatedInstance } from "@airfleet/simulator";

/** An answer, its body parsed when it is JSON. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** A signed-in client of one instance, without any cleverness. */
export interface Api {
  send(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  /** The body of a GET that answers 200. */
  get<Body>(path: string): Promise<Body>;
  trigger(dagId: string, runId: string, more?: object): Promise<void>;
}

const signIn = async ({ generation, url, credentials }: SimulatedInstance): Promise<string> => {
  const { username, password } = credentials;
  if (generation === 2) return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const response = await fetch(`${url}/auth/token`, { method: "POST", body: JSON.stringify({ username, password }) });
  const answer = (await response.json()) as { readonly access_token: string };
  return `Bearer ${answer.access_token}`;
};

export const createApi = async (instance: SimulatedInstance): Promise<Api> => {
  const authorization = await signIn(instance);
  const root = instance.generation === 2 ? "/api/v1" : "/api/v2";
  const api: Api = {
    send: async (method, path, body, headers = {}) => {
      const init: RequestInit = { method, headers: { authorization, ...headers }, redirect: "manual" };
      if (body !== undefined) init.body = JSON.stringify(body);
      const response = await fetch(`${instance.url}${root}${path}`, init);
      const text = await response.text();
      const isJson = /[/+]json/.test(response.headers.get("content-type") ?? "") && text !== "";
      return {
        status: response.status,
        headers: response.headers,
        body: isJson ? (JSON.parse(text) as unknown) : text,
      };
    },
    get: async <Body>(path: string) => {
      const reply = await api.send("GET", path);
      if (reply.status !== 200) throw new Error(`GET ${path} answered ${reply.status}: ${JSON.stringify(reply.body)}`);
      return reply.body as Body;
    },
    trigger: async (dagId, runId, more = {}) => {
      const date = instance.generation === 3 ? { logical_date: null } : {};
      const reply = await api.send("POST", `/dags/${dagId}/dagRuns`, { dag_run_id: runId, ...date, ...more });
      if (reply.status !== 200) throw new Error(`trigger answered ${reply.status}: ${JSON.stringify(reply.body)}`);
    },
  };
  return api;
};
