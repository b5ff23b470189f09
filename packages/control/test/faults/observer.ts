/**
 * A server process that only observes: opens the store and polls, until it is killed. Prints a line once it has begun.
 */
import { createAirflowEngine } from "@airfleet/airflow";
import { InstanceConfig, type InstanceConfigInput, resolveInstanceConfig } from "@airfleet/model";
import { openStore, type OpenStoreOptions } from "@airfleet/store";
import { createControl } from "../../src/index.ts";

/** What a test tells the process, as JSON in its first argument. */
export interface ObserverOrder {
  readonly store: OpenStoreOptions;
  readonly instances: readonly InstanceConfigInput[];
  readonly leaseMs: number;
}

const run = async ({ store: address, instances, leaseMs }: ObserverOrder): Promise<void> => {
  const store = await openStore(address);
  const control = await createControl({
    store,
    createEngine: (config) => createAirflowEngine({ config }),
    loadInstances: () =>
      Promise.resolve(
        instances.map((instance) => ({
          config: InstanceConfig.parse(instance),
          source: "airfleet.yaml",
          place: "airfleet.yaml:1:1",
        })),
      ),
    resolveSecrets: (config) => resolveInstanceConfig(config, () => ""),
    settings: { leaseMs, heartbeatMs: leaseMs / 6, historyDays: 0 },
  });
  control.startReconcilers();
  process.stdout.write("observing\n");
};

await run(JSON.parse(process.argv[2] ?? "{}") as ObserverOrder);
