import type { InstanceSpec } from "../simulated-instance.ts";
import type { BrokenFileSpec, DagSpec } from "../specs/dag-spec.ts";
import type { Generation } from "../world/world.ts";
import { generateDag } from "./generate-dag.ts";

export interface FleetOptions {
  /** How many instances. */
  readonly instances: number;
  readonly dagsPerInstance: number;
  /** Decides everything. Default 1. */
  readonly seed?: number;
  /** Generation of each instance by its number. Default: 3 and 2 in turn. */
  readonly generationOf?: (index: number) => Generation;
  /** Past runs per DAG; their tasks take no memory until somebody looks. Default 3. */
  readonly historyRuns?: number;
  /** Share of DAGs that are paused. Default 0.2. */
  readonly pausedShare?: number;
  /** Share of DAGs that fail now and then. Default 0.15. */
  readonly flakyShare?: number;
  /** Whether some files fail to parse. Default true. */
  readonly hasBrokenFiles?: boolean;
}

const SITES = ["berlin", "paris", "lisbon", "oslo", "dublin", "vienna", "turin", "ghent", "porto", "malmo"] as const;

const brokenFile = (name: string, error: string): BrokenFileSpec => ({
  fileLoc: `/opt/airflow/dags/${name}.py`,
  stackTrace: `Traceback (most recent call last):\n  File "/opt/airflow/dags/${name}.py", line 12, in <module>\n    ${error}\n`,
});

const withBrokenOne = (dags: readonly DagSpec[]): readonly DagSpec[] =>
  dags.map((dag, index) =>
    index === 7
      ? {
          ...dag,
          brokenWith: `Traceback (most recent call last):\n  File "/opt/airflow/dags/${dag.dagId}.py", line 3, in <module>\n    from pipeline.sources import oai\nModuleNotFoundError: No module named 'pipeline.sources'\n`,
        }
      : dag,
  );

/** Specs of a realistic fleet, the same for the same seed: hand each to `simulator.addInstance`. */
export const generateFleet = (options: FleetOptions): InstanceSpec[] => {
  const seed = options.seed ?? 1;
  const generationOf = options.generationOf ?? ((index) => (index % 2 === 0 ? 3 : 2));
  const flavour = {
    historyRuns: options.historyRuns ?? 3,
    pausedShare: options.pausedShare ?? 0.2,
    flakyShare: options.flakyShare ?? 0.15,
  };
  return Array.from({ length: options.instances }, (_, index): InstanceSpec => {
    const own = { ...flavour, seed: seed * 1000 + index };
    const dags = Array.from({ length: options.dagsPerInstance }, (__, number) => generateDag(number, own));
    const site = SITES[index % SITES.length] ?? "berlin";
    const isBroken = options.hasBrokenFiles ?? true;
    return {
      id: index < SITES.length ? site : `${site}-${Math.floor(index / SITES.length) + 1}`,
      generation: generationOf(index),
      seed: own.seed,
      dags: isBroken ? withBrokenOne(dags) : dags,
      brokenFiles:
        isBroken && index % 3 === 0 ? [brokenFile("loans_forecast", "NameError: name 'model' is not defined")] : [],
      keepRunsPerDag: Math.max(50, flavour.historyRuns * 2),
    };
  });
};
