/**
 * A server process without HTTP, to be killed: opens the store, carries out the actions that it is given, and takes
 * over what others left. With `drain` it ends by itself once nothing is pending, printing every action.
 */
import { createAirflowEngine } from "@airfleet/airflow";
import { InstanceConfig, type InstanceConfigInput, resolveInstanceConfig } from "@airfleet/model";
import { openStore, type OpenStoreOptions } from "@airfleet/store";
import { type ActionIntent, createControl } from "../../src/index.ts";

/** What a test tells the process, as JSON in its first argument. */
export interface VictimOrder {
  readonly store: OpenStoreOptions;
  readonly instance: InstanceConfigInput;
  readonly intents?: readonly ActionIntent[];
  readonly drain?: boolean;
  readonly leaseMs: number;
}

const run = async ({ store: address, instance, intents = [], drain, leaseMs }: VictimOrder): Promise<void> => {
  const store = await openStore(address);
  const control = await createControl({
    store,
    createEngine: (config) => createAirflowEngine({ config }),
    loadInstances: () =>
      Promise.resolve([
        { config: InstanceConfig.parse(instance), source: "airfleet.yaml", place: "airfleet.yaml:1:1" },
      ]),
    resolveSecrets: (config) => resolveInstanceConfig(config, () => ""),
    settings: { poll: false, leaseMs, heartbeatMs: leaseMs / 3 },
  });
  control.startReconcilers();
  const actor = { id: "local", role: "admin", instances: ["*"], sourceIp: null, requestId: null } as const;
  for (const intent of intents) await control.actions.perform(actor, intent, { deadlineMs: 60_000 });
  if (drain !== true) return;
  for (;;) {
    const { items } = await control.actions.list({ limit: 1_000 });
    if (items.every(({ state }) => state !== "pending")) {
      await control.close({ drainMs: 1_000 });
      const audit = await control.audit.verify();
      await store.close();
      process.stdout.write(`${JSON.stringify({ actions: items, audit })}\n`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

await run(JSON.parse(process.argv[2] ?? "{}") as VictimOrder);
