import path from "node:path";
import { startChild } from "../child.ts";

/** Requests that one instance has had: all, and those about DAGs and runs. */
export interface RequestCounts {
  readonly all: number;
  readonly work: number;
}

/** A simulated fleet in another process. */
export interface BenchFleet extends AsyncDisposable {
  /** The `instances` part of an Airfleet configuration. */
  readonly configuration: readonly Readonly<Record<string, unknown>>[];
  /** Requests that each instance has had so far. */
  requests(): Promise<Readonly<Record<string, RequestCounts>>>;
}

interface Announced {
  readonly control: string;
  readonly instances: readonly {
    readonly id: string;
    readonly url: string;
    readonly username: string;
    readonly password: string;
  }[];
}

/** Starts so many instances with so many DAGs each. `limits` go into each instance's configuration. */
export const startFleet = async (
  instances: number,
  dags: number,
  limits: Readonly<Record<string, number>> = {},
): Promise<BenchFleet> => {
  const child = await startChild({
    args: [
      "--conditions=@airfleet/source",
      path.join(import.meta.dirname, "simulated-fleet.ts"),
      String(instances),
      String(dags),
    ],
    ready: /^\{"control"/,
  });
  const announced = JSON.parse(child.readyLine) as Announced;
  return {
    configuration: announced.instances.map(({ id, url, username, password }) => ({
      id,
      url,
      auth: { type: "basic", username, password },
      limits,
    })),
    requests: async () => (await (await fetch(announced.control)).json()) as Record<string, RequestCounts>,
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
};
