import { createAirflowEngine } from "@airfleet/airflow";
import { resolveInstanceConfig } from "@airfleet/model";
import type { SimulatedInstance } from "@airfleet/simulator";
import type { Store } from "@airfleet/store";
import { onTestFinished } from "vitest";
import { type Control, type ControlOptions, createControl } from "../../src/index.ts";
import { aStore, fromFile } from "../fleet-fixture.ts";

interface SimulatedControlOptions extends Partial<Omit<ControlOptions, "store" | "createEngine">> {
  readonly store?: Store;
}

/** A control over simulated instances behind the real client. */
export const controlOf = async (
  instances: readonly SimulatedInstance[],
  { store: given, ...options }: SimulatedControlOptions = {},
): Promise<{ readonly control: Control; readonly store: Store }> => {
  const store = given ?? (await aStore());
  const control = await createControl({
    store,
    createEngine: (config) => createAirflowEngine({ config }),
    loadInstances: () =>
      Promise.resolve(
        instances.map(({ id, url, credentials: { username, password } }) =>
          fromFile({ id, url, auth: { type: "basic", username, password } }),
        ),
      ),
    resolveSecrets: (config) => resolveInstanceConfig(config, () => ""),
    random: () => 0,
    ...options,
  });
  onTestFinished(() => control.close({ drainMs: 1_000 }));
  return { control, store };
};
