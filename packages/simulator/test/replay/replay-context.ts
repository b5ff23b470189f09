import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  createManualClock,
  createSimulator,
  type ManualClock,
  type SimulatedInstance,
  type Simulator,
} from "@airfleet/simulator";
import { recordedInstance } from "./recorded-dags.ts";

export interface Sample {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly body: unknown;
    readonly accept?: string;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
}

export interface Reply {
  readonly status: number;
  readonly contentType: string | null;
  readonly headers: Headers;
  readonly body: unknown;
}

/** A simulated instance in the state of the recorded one, and the means to bring it into others. */
export interface ReplayContext {
  readonly generation: 2 | 3;
  readonly clock: ManualClock;
  readonly simulator: Simulator;
  readonly instance: SimulatedInstance;
  /** Sends a request to the API; the path is below its root, but for those of the sign-in. */
  send(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  trigger(dagId: string, runId: string, more?: object): Promise<void>;
  advance(seconds: number): void;
  close(): Promise<void>;
}

export const samplesOf = (generation: 2 | 3): string =>
  join(import.meta.dirname, "..", "samples", generation === 2 ? "v1" : "v2");

export const readSample = (generation: 2 | 3, name: string): Sample =>
  JSON.parse(readFileSync(join(samplesOf(generation), `${name}.json`), "utf8")) as Sample;

const bodyOf = (text: string, contentType: string | null): unknown =>
  text !== "" && /[/+]json$/.test(contentType ?? "") ? (JSON.parse(text) as unknown) : text;

/** The run ids end in these numbers: `lg_77422` on Airflow 2, `lg_77423` on 3. */
export const lookRun = (generation: 2 | 3): string => (generation === 2 ? "lg_77422" : "lg_77423");

export const createReplayContext = async (generation: 2 | 3): Promise<ReplayContext> => {
  const clock = createManualClock("2026-11-20T12:20:00.5Z");
  const simulator = createSimulator({ clock });
  const instance = await simulator.addInstance(recordedInstance(generation));
  const authorization =
    generation === 2
      ? `Basic ${Buffer.from("admin:admin").toString("base64")}`
      : `Bearer ${await fetch(`${instance.url}/auth/token`, {
          method: "POST",
          body: '{"username":"admin","password":"admin"}',
        })
          .then((response) => response.json())
          .then((answer) => (answer as { access_token: string }).access_token)}`;
  const root = generation === 2 ? "/api/v1" : "/api/v2";
  const context: ReplayContext = {
    generation,
    clock,
    simulator,
    instance,
    send: async (method, path, body, headers = {}) => {
      const url = path.startsWith("/auth/") ? `${instance.url}${path}` : `${instance.url}${root}${path}`;
      const init: RequestInit = { method, headers: { authorization, ...headers }, redirect: "manual" };
      if (body !== undefined && body !== null) init.body = typeof body === "string" ? body : JSON.stringify(body);
      const response = await fetch(url, init);
      const contentType = response.headers.get("content-type");
      return {
        status: response.status,
        contentType,
        headers: response.headers,
        body: bodyOf(await response.text(), contentType),
      };
    },
    trigger: async (dagId, runId, more = {}) => {
      const body = { dag_run_id: runId, ...(generation === 3 ? { logical_date: null } : {}), ...more };
      const reply = await context.send("POST", `/dags/${dagId}/dagRuns`, body);
      if (reply.status !== 200) throw new Error(`cannot set up ${dagId}/${runId}: ${JSON.stringify(reply.body)}`);
    },
    advance: (seconds) => clock.advance(seconds),
    close: () => simulator.close(),
  };
  return context;
};
