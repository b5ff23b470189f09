import type { CallOptions, Engine } from "@airfleet/engine";
import { isAirfleetError, type ObservationSource, type Run, type RunAddress } from "@airfleet/model";
import type { RunChange, Store } from "@airfleet/store";
import type { RunTracker } from "./run-tracker.ts";

/** What one reading of a run gave. */
export interface RunLook {
  /** As the engine says; null when it has no such run. */
  readonly run: Run | null;
  readonly changes: readonly RunChange[];
}

/** Reads single runs and takes what it sees into the store. */
export interface RunReader {
  /**
   * Reads a run. One that the engine does not have is noted as gone, if we ever knew it: a run that exists nowhere but
   * in a report is not made up.
   *
   * @throws {AirfleetError} what the engine throws, but for RUN_UNKNOWN
   */
  read(
    engine: Engine,
    run: RunAddress,
    options?: CallOptions & { readonly source?: ObservationSource },
  ): Promise<RunLook>;
}

interface ReaderPorts {
  readonly store: Pick<Store, "runs">;
  readonly tracker: RunTracker;
}

export const createRunReader = ({ store, tracker }: ReaderPorts): RunReader => ({
  async read(engine, { dagId, runId }, { source = "poll", ...options } = {}) {
    const { instance } = engine;
    const address = { dagId, runId };
    const at = tracker.timeOf(instance);
    try {
      const run = await engine.getRun(address, options);
      return {
        run,
        changes: await tracker.note(instance, [{ kind: "read", ...address, source, at, run }]),
      };
    } catch (error) {
      if (!isAirfleetError(error, "RUN_UNKNOWN")) throw error;
      const [known] = await store.runs.findMany(instance, [address]);
      if (known === undefined) return { run: null, changes: [] };
      return { run: null, changes: await tracker.note(instance, [{ kind: "gone", ...address, source, at }]) };
    }
  },
});
