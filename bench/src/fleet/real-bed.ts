import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createAirflowEngine } from "@airfleet/airflow";
import { type Control, createControl } from "@airfleet/control";
import type { Engine } from "@airfleet/engine";
import { InstanceConfig, resolveInstanceConfig, toInstanceId } from "@airfleet/model";
import { openStore, type Store } from "@airfleet/store";
import { attachAirflow, type Generation, type RunningAirflow, startAirflow } from "@airfleet/tools-engines";
import { z } from "zod";

/** The one instance of the bed. */
export const REAL_INSTANCE = toInstanceId("real");

const Shared = z.array(z.object({ id: z.string(), generation: z.union([z.literal(2), z.literal(3)]) }));

/** The instance that others use as well (ids in AIRFLEET_ENGINES), else one of our own. */
export const takeAirflow = (generation: Generation): Promise<RunningAirflow> => {
  const shared = Shared.parse(JSON.parse(process.env["AIRFLEET_ENGINES"] ?? "[]"));
  const known = shared.find((engine) => engine.generation === generation);
  return known === undefined ? startAirflow({ generation }) : attachAirflow(known.id);
};

/** Our control over one real Airflow. */
export interface RealBed {
  readonly control: Control;
  readonly store: Store;
  /** Somebody else at the engine, of whom we know nothing. */
  readonly stranger: Engine;
}

type ControlOptions = Parameters<typeof createControl>[0];

/** Runs a measurement over a new store, with the reconcilers at work, and leaves nothing behind. */
export const withRealBed = async <Answer>(
  airflow: RunningAirflow,
  options: Pick<ControlOptions, "settings"> & Partial<Pick<ControlOptions, "lookAtProcess">>,
  work: (bed: RealBed) => Promise<Answer>,
): Promise<Answer> => {
  const dataDir = await mkdtemp(path.join(tmpdir(), "airfleet-bench-"));
  const store = await openStore({ dataDir });
  const { url, username, password } = airflow;
  const config = InstanceConfig.parse({ id: REAL_INSTANCE, url, auth: { type: "basic", username, password } });
  const control = await createControl({
    store,
    createEngine: (resolved) => createAirflowEngine({ config: resolved }),
    loadInstances: () => Promise.resolve([{ config, source: "bench", place: "bench" }]),
    resolveSecrets: (one) => resolveInstanceConfig(one, () => ""),
    ...options,
  });
  const stranger = createAirflowEngine({ config: resolveInstanceConfig(config, () => "") });
  try {
    control.startReconcilers();
    return await work({ control, store, stranger });
  } finally {
    await stranger.close();
    await control.close({ drainMs: 1_000 });
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  }
};
