import { createAirflowEngine } from "@airfleet/airflow";
import {
  type InstanceConfigInput,
  resolveInstanceConfig,
  type RunAddress,
  toDagId,
  toInstanceId,
  toRunId,
} from "@airfleet/model";
import type { DagSpec, SimulatedInstance } from "@airfleet/simulator";
import type { Store } from "@airfleet/store";
import { onTestFinished } from "vitest";
import { type Action, type Control, createControl, type ControlOptions } from "../../src/index.ts";
import { actor, aStore, eventually, fromFile } from "../fleet-fixture.ts";

/** A task that goes on for hours, two more behind it, and one that has ended before. */
export const SLEEPER: DagSpec = {
  dagId: "sleeper",
  tasks: [
    { taskId: "quick", durationSeconds: 1, downstream: ["work"] },
    { taskId: "work", durationSeconds: 20_000, retries: 2, downstream: ["after"] },
    { taskId: "after" },
  ],
};
export const sleeper = toDagId("sleeper");

interface StoppingOptions extends Partial<Omit<ControlOptions, "store" | "createEngine">> {
  readonly store?: Store;
  readonly limits?: InstanceConfigInput["limits"];
  readonly tier?: InstanceConfigInput["tier"];
}

/** A control with its reconcilers at work, over one simulated instance, that does not poll. */
export const stoppingControl = async (
  airflow: SimulatedInstance,
  { store: given, limits = { presume_gone_seconds: 1 }, tier, ...options }: StoppingOptions = {},
): Promise<{ readonly control: Control; readonly store: Store }> => {
  const store = given ?? (await aStore());
  const { id, url, credentials } = airflow;
  const auth = { type: "basic", username: credentials.username, password: credentials.password } as const;
  const config = {
    id,
    url,
    auth,
    limits,
    ...(tier === undefined ? {} : { tier }),
  };
  const control = await createControl({
    store,
    createEngine: (resolved) => createAirflowEngine({ config: resolved }),
    loadInstances: () => Promise.resolve([fromFile(config)]),
    resolveSecrets: (one) => resolveInstanceConfig(one, () => ""),
    random: () => 0,
    settings: { poll: false },
    ...options,
  });
  onTestFinished(() => control.close({ drainMs: 1_000 }));
  control.startReconcilers();
  return { control, store };
};

/** A run of the sleeper whose long task has a process. */
export const aRunningRun = async (control: Control, airflow: SimulatedInstance): Promise<RunAddress> => {
  const instance = toInstanceId(airflow.id);
  const begun = await control.actions.perform(
    actor,
    { verb: "run:trigger", instance, dagId: sleeper, conf: {} },
    { deadlineMs: 20_000 },
  );
  const run = { dagId: sleeper, runId: toRunId(begun.runId ?? "") };
  await eventually(async () =>
    (await control.live.tasks(instance, run)).some(({ taskId, state }) => taskId === "work" && state === "running"),
  );
  return run;
};

/** What is known of each process of a stop, by task. */
export const processesOf = ({ after }: Action): Readonly<Record<string, Readonly<Record<string, unknown>>>> =>
  Object.fromEntries(
    ((after?.["processes"] ?? []) as readonly Readonly<Record<string, unknown>>[]).map((one) => [
      String(one["task_id"]),
      one,
    ]),
  );
