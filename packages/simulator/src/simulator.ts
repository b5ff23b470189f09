import { AirfleetError } from "@airfleet/model";
import type { Clock } from "./clock/clock.ts";
import { createRealClock } from "./clock/real-clock.ts";
import type { InstanceSpec, SimulatedInstance } from "./simulated-instance.ts";
import { startInstance } from "./start-instance.ts";

export interface SimulatorOptions {
  /** Where all instances take their time from. Default: the system's clock. */
  readonly clock?: Clock;
  /** How many times faster tasks run and the scheduler reacts. Default 1. */
  readonly timeScale?: number;
}

/** Any number of fake Airflow deployments in this process, on one timer. */
export interface Simulator extends AsyncDisposable {
  readonly clock: Clock;
  readonly instances: readonly SimulatedInstance[];
  /** Starts another one; resolves when its port is open. @throws {AirfleetError} SIMULATION_INVALID when the id is taken, or a DAG has a cycle or a bad schedule */
  addInstance(spec: InstanceSpec): Promise<SimulatedInstance>;
  /** Closes all instances. */
  close(): Promise<void>;
}

export const createSimulator = (options: SimulatorOptions = {}): Simulator => {
  const clock = options.clock ?? createRealClock();
  const instances = new Map<string, SimulatedInstance>();
  const close = async (): Promise<void> => {
    const open = [...instances.values()];
    instances.clear();
    await Promise.all(open.map((instance) => instance.close()));
    // A clock that came from outside may drive others as well.
    if (options.clock === undefined) clock.close();
  };
  return {
    clock,
    get instances() {
      return [...instances.values()];
    },
    addInstance: async (spec) => {
      if (instances.has(spec.id)) {
        throw new AirfleetError("SIMULATION_INVALID", { subject: `instance ${spec.id}`, reason: "is there already" });
      }
      const instance = await startInstance(spec, { clock, timeScale: options.timeScale ?? 1 });
      instances.set(spec.id, instance);
      return instance;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
};
