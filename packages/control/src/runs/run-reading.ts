import type { Store } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { InstanceConditions } from "../fleet/instance-conditions.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { Logger } from "../logger.ts";
import { createRunReader, type RunReader } from "./run-reader.ts";
import type { RunTracker } from "./run-tracker.ts";
import { createRunWatch, type RunWatch } from "./run-watch.ts";
import { createTaskReader, type TaskReader } from "./task-reader.ts";
import { createTryReader } from "./try-reader.ts";

/** Everything that reads runs and their tasks besides polling. */
export interface RunReading {
  readonly watch: RunWatch;
  readonly reader: RunReader;
  readonly tasks: TaskReader;
}

interface ReadingPorts {
  readonly store: Pick<Store, "runs">;
  readonly registry: InstanceRegistry;
  readonly conditions: InstanceConditions;
  readonly tracker: RunTracker;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

export const createRunReading = (ports: ReadingPorts): RunReading => {
  const { store, registry, conditions, tracker, clock, logger, random } = ports;
  const reader = createRunReader({ store, tracker });
  // The two know each other: tasks are kept of what is watched, and what is watched has its tasks read.
  const tasks: TaskReader = createTaskReader({
    store,
    tracker,
    tries: createTryReader({ store, tracker }),
    isWatched: (instance, run) => watch.isWatched(instance, run),
    mayBeHollow: (instance) => conditions.probe(instance)?.generation === 2,
  });
  const watch: RunWatch = createRunWatch({
    registry,
    tracker,
    reader,
    tasks,
    clock,
    logger,
    random,
  });
  return { watch, reader, tasks };
};
