import { type Dag, type InstanceId, InstanceConfig, toDagId, toInstanceId } from "@airfleet/model";
import type { NewAction } from "../src/index.ts";

export const EU: InstanceId = toInstanceId("eu-1");
export const US: InstanceId = toInstanceId("us-1");

/** A DAG as an engine answers it. */
export const dagOf = (dagId: string, changes: Partial<Dag> = {}): Dag => ({
  dagId: toDagId(dagId),
  displayName: dagId,
  description: null,
  isPaused: false,
  isStale: false,
  hasImportErrors: false,
  file: `/opt/airflow/dags/${dagId}.py`,
  fileToken: null,
  bundle: null,
  owners: ["data"],
  tags: [],
  schedule: "@daily",
  scheduleDescription: null,
  nextRun: { logicalDate: "2026-11-22T00:00:00Z", intervalStart: null, intervalEnd: null, runAfter: null },
  lastParsedAt: "2026-11-21T09:00:00Z",
  maxActiveRuns: 16,
  ...changes,
});

/** A pause to be recorded. */
export const pauseOf = (dagId: string, changes: Partial<NewAction> = {}): NewAction => ({
  verb: "dag:pause",
  actor: "token:ci",
  instance: EU,
  dagId: toDagId(dagId),
  request: { paused: true },
  ...changes,
});

export const instanceOf = (id: string, changes: object = {}): InstanceConfig =>
  InstanceConfig.parse({
    id,
    url: "https://airflow.example.com",
    auth: { type: "basic", username: "ada", password: "canary-password" },
    ...changes,
  });
