/** A server process without HTTP that sends what waits for webhooks, until it is killed. */
import { resolveInstanceConfig } from "@airfleet/model";
import { openStore, type OpenStoreOptions } from "@airfleet/store";
import { createControl } from "../../src/index.ts";

const address = JSON.parse(process.argv[2] ?? "{}") as OpenStoreOptions;
const store = await openStore(address);
const control = await createControl({
  store,
  createEngine: () => {
    throw new Error("this process calls no instance");
  },
  loadInstances: () => Promise.resolve([]),
  resolveSecrets: (config) => resolveInstanceConfig(config, () => ""),
  settings: { poll: false, networkAllow: ["127.0.0.0/8"], leaseMs: 1_000, heartbeatMs: 300 },
});
control.startReconcilers();
process.stdout.write("started\n");
