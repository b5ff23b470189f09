import type { Engine } from "@airfleet/engine";
import { AirfleetError, type Dag, type DagId, type ImportError, isAirfleetError } from "@airfleet/model";
import type { StoredDeployment } from "@airfleet/store";
import { readDags, readImportErrors } from "./look-at-engine.ts";

const toCoded = (error: unknown): AirfleetError =>
  isAirfleetError(error) ? error : new AirfleetError("INTERNAL", {}, { cause: error });

/** What the engine knows of the DAGs before their files change, so that a later parse is told from an earlier. */
export const noteParses = async (
  engine: Engine,
  batch: readonly StoredDeployment[],
  signal: AbortSignal,
): Promise<{ readonly dags: ReadonlyMap<DagId, Dag>; readonly errors: readonly ImportError[] }> => {
  const known = batch.filter(({ isNew, state }) => !isNew && state === "pending").map(({ dagId }) => dagId);
  try {
    const dags = await readDags(engine, known, signal);
    // A file that was never imported has an error and no DAG.
    const hasErrors = known.some((id) => dags.get(id)?.hasImportErrors ?? true);
    return { dags, errors: hasErrors ? await readImportErrors(engine, signal) : [] };
  } catch (error) {
    signal.throwIfAborted();
    if (!isAirfleetError(error)) throw error;
    return { dags: new Map<DagId, Dag>(), errors: [] };
  }
};

/** Keeps anything new from starting from a file that goes away. @returns what stood in the way */
export const pauseRemoved = async (
  engine: Engine,
  { dagId }: StoredDeployment,
  signal: AbortSignal,
): Promise<AirfleetError | null> => {
  try {
    await engine.setPaused(dagId, true, { signal });
    return null;
  } catch (error) {
    signal.throwIfAborted();
    if (isAirfleetError(error) && error.code === "DAG_UNKNOWN") return null;
    return toCoded(error);
  }
};
