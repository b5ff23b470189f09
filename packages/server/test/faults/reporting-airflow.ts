import { createHash, type KeyObject, randomUUID, sign } from "node:crypto";
import type { SimulatedInstance } from "@airfleet/simulator";

/** A report as an Airflow's listener would send it. */
export interface SentReport {
  readonly event_id: string;
  readonly [field: string]: unknown;
}

const HOUR_MS = 3_600_000;

type RunRecord = SimulatedInstance["world"]["runs"][number];

/** What a listener sees of a run and its tasks, by name; a task that was cleared begins anew with its next try. */
const statesOf = (run: RunRecord): ReadonlyMap<string, { readonly state: string; readonly body: object }> => {
  const states = new Map<string, { readonly state: string; readonly body: object }>();
  if (run.state !== "queued") states.set("run", { state: run.state, body: { run: { state: run.state } } });
  for (const task of run.tasks ?? []) {
    const { state, tryNumber, pid, hostname } = task;
    // No hook fires for a task that never ran.
    if (state === null || !["running", "success", "failed", "up_for_retry"].includes(state)) continue;
    const body = {
      task: {
        task_id: task.task.taskId,
        try_number: tryNumber,
        state,
        hostname: hostname === "" ? null : hostname,
        pid,
        process_ends: state !== "running",
      },
    };
    states.set(`${task.task.taskId} ${task.mapIndex} ${tryNumber}`, { state, body });
  }
  return states;
};

/** Looks at a simulated Airflow and reports what has changed since it last looked, by a clock that is an hour off. */
export const createReporter = (airflow: SimulatedInstance) => {
  const seen = new Map<string, string>();
  let count = 0;
  return {
    look(): readonly SentReport[] {
      const news: SentReport[] = [];
      for (const run of airflow.world.runs) {
        for (const [name, { state, body }] of statesOf(run)) {
          const key = `${run.dag.dagId} ${run.runId} ${name}`;
          if (seen.get(key) === state) continue;
          seen.set(key, state);
          count += 1;
          news.push({
            version: 1,
            event_id: randomUUID(),
            instance: airflow.id,
            dag_id: run.dag.dagId,
            dag_run_id: run.runId,
            origin: "listener",
            sent_at: new Date(Date.now() + (count % 2 === 0 ? HOUR_MS : -HOUR_MS)).toISOString(),
            ...body,
            ...(state === "failed" && { error: { category: "task", message: `${name} failed` } }),
          });
        }
      }
      return news;
    },
  };
};

const toText = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString("base64url");

/** The request that delivers reports, signed now. */
export const toSignedPost = (instance: string, key: KeyObject, reports: readonly SentReport[]): RequestInit => {
  const body = JSON.stringify(reports.length === 1 ? reports[0] : { reports });
  const iat = Math.floor(Date.now() / 1_000);
  const claims = {
    iss: instance,
    aud: "airfleet",
    iat,
    exp: iat + 60,
    jti: randomUUID(),
    body_sha256: createHash("sha256").update(body).digest("base64url"),
  };
  const text = `${toText({ alg: "EdDSA", kid: "k1", typ: "JWT" })}.${toText(claims)}`;
  const signature = sign(null, Buffer.from(text), key).toString("base64url");
  return {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${text}.${signature}` },
    body,
  };
};
