import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { AirfleetError, InstanceConfig, type InstanceConfigInput, resolveInstanceConfig } from "@airfleet/model";
import { openStore, type Store } from "@airfleet/store";
import { onTestFinished } from "vitest";
import type { Actor, Control, ConfiguredInstance, ControlOptions } from "../src/index.ts";
import { createControl } from "../src/index.ts";
import type { FakeInstance } from "./fake-instance.ts";
import { bePatient } from "./patience.ts";

bePatient();

export const actor: Actor = { id: "local", role: "admin", instances: ["*"], sourceIp: "127.0.0.1", requestId: "req_1" };

/** A SQLite store of its own, gone after the test. */
export const aStore = async (): Promise<Store> => {
  const dataDir = await mkdtemp(path.join(tmpdir(), "airfleet-control-"));
  const store = await openStore({ dataDir });
  onTestFinished(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  return store;
};

export const fromFile = (config: InstanceConfigInput, source = "airfleet.yaml"): ConfiguredInstance => ({
  config: InstanceConfig.parse(config),
  source,
  place: `${source}:1:1`,
});

interface FleetOptions extends Partial<Omit<ControlOptions, "store" | "createEngine">> {
  readonly store?: Store;
  /** Changes to the configuration of each instance. */
  readonly config?: Partial<InstanceConfigInput>;
}

/** A control over fake instances, each defined in `airfleet.yaml`. */
export const aFleet = async (
  instances: readonly FakeInstance[],
  { store: given, config = {}, ...options }: FleetOptions = {},
): Promise<{ readonly control: Control; readonly store: Store }> => {
  const store = given ?? (await aStore());
  const control = await createControl({
    store,
    createEngine: ({ id }) => {
      const fake = instances.find((one) => one.id === id);
      if (fake === undefined) throw new Error(`no fake instance ${id}`);
      return fake.engine();
    },
    loadInstances: () =>
      Promise.resolve(instances.map(({ id }) => fromFile({ id, url: `http://${id}.example`, ...config }))),
    resolveSecrets: (one) => resolveInstanceConfig(one, () => "secret"),
    ...options,
  });
  onTestFinished(() => control.close({ drainMs: 1_000 }));
  return { control, store };
};

/** Looks again until it is so; fails after `withinMs`. */
export const eventually = async (claim: () => Promise<boolean> | boolean, withinMs = 30_000): Promise<void> => {
  const end = Date.now() + withinMs;
  while (!(await claim())) {
    if (Date.now() > end) throw new Error("it did not come about in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

export const unreachable = (instance: string, sent = false): AirfleetError =>
  new AirfleetError("INSTANCE_UNREACHABLE", { instance, url: "http://x", reason: "Connection refused", sent });

export const timedOut = (instance: string): AirfleetError =>
  new AirfleetError("INSTANCE_TIMEOUT", { instance, method: "POST", path: "/", timeout_ms: 1 });
