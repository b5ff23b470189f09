import { type Dag, type InstanceId, isAirfleetError, isTerminalRunState, type TaskInstance } from "@airfleet/model";
import { runKeyOf, type Store, type StoredTrigger } from "@airfleet/store";
import type { ActionWarning } from "../actions/action.ts";
import type { Clock } from "../clock.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { Logger } from "../logger.ts";
import { createLoop, type Loop } from "../reconcilers/loop.ts";
import { hangOf, startTroubleOf } from "./start-trouble.ts";

interface WatchPorts {
  readonly store: Pick<Store, "triggers" | "runs">;
  readonly registry: InstanceRegistry;
  /** Whether this process looks after the instance. */
  readonly isOurs: (instance: InstanceId) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly onWritten: () => void;
}

const LOOK_EVERY_MS = 5_000;
/** Triggers looked at in one step. */
const AT_ONCE = 200;
/** Looks at one trigger become rarer with its age: this part of it, within these bounds. */
const SHARE_OF_AGE = 0.5;
const SOONEST_MS = 30_000;
const LATEST_MS = 900_000;
/** After this long nobody waits to hear that a run has not started. */
const GIVE_UP_MS = 7 * 86_400_000;

interface Look {
  readonly warnings: readonly ActionWarning[];
  /** The run is over: there is nothing more to learn. */
  readonly isOver: boolean;
}

/**
 * Looks at the runs of accepted triggers until they are over, and says what keeps them from starting or ending: a DAG
 * that is paused, whose file broke or is gone, or a task that waits for ever on Airflow 3. One reading of the DAG serves
 * all its triggers; tasks are read only where the file is gone.
 */
export const createTriggerWatch = (ports: WatchPorts): Loop => {
  const { store, registry, isOurs, clock, logger, random, onWritten } = ports;

  const readDag = async ({ instance, dagId }: StoredTrigger): Promise<Dag | null> => {
    try {
      return await registry.use(instance, (engine) => engine.getDag(dagId));
    } catch (error) {
      if (!isAirfleetError(error)) throw error;
      return null;
    }
  };

  const readTasks = async ({ instance, dagId, runId }: StoredTrigger): Promise<readonly TaskInstance[]> => {
    try {
      return await registry.use(instance, (engine) => engine.listTaskInstances({ runs: [{ dagId, runId }] }));
    } catch (error) {
      if (!isAirfleetError(error)) throw error;
      return [];
    }
  };

  const lookAt = async (trigger: StoredTrigger, dag: () => Promise<Dag | null>): Promise<Look> => {
    const run = await store.runs.find(runKeyOf(trigger));
    if (run !== undefined && isTerminalRunState(run.record.state)) return { warnings: [], isOver: true };
    const read = await dag();
    if (read === null) return { warnings: [], isOver: false };
    // A run that has started goes on although its DAG was paused meanwhile.
    const hasStarted = run?.record.state === "running";
    const trouble = startTroubleOf(read).filter(({ code }) => !(hasStarted && code === "DAG_PAUSED"));
    const hangs = read.isStale || read.hasImportErrors ? hangOf(trigger, read, await readTasks(trigger)) : [];
    return { warnings: [...trouble, ...hangs], isOver: false };
  };

  const nextLook = ({ createdAt }: StoredTrigger): number | null => {
    const age = clock.now() - createdAt;
    if (age > GIVE_UP_MS) return null;
    return clock.now() + Math.min(LATEST_MS, Math.max(SOONEST_MS, age * SHARE_OF_AGE));
  };

  const lookAtDag = async (triggers: readonly StoredTrigger[]): Promise<void> => {
    let reading: Promise<Dag | null> | undefined;
    for (const trigger of triggers) {
      const { warnings, isOver } = await lookAt(trigger, () => (reading ??= readDag(trigger)));
      const isNews = await store.triggers.watch(trigger.id, { lookAt: isOver ? null : nextLook(trigger), warnings });
      if (isNews) onWritten();
    }
  };

  const step = async (): Promise<number> => {
    const due = await store.triggers.listWatched({ now: clock.now(), limit: AT_ONCE });
    const own = due.filter(({ instance }) => isOurs(instance));
    const byDag = Map.groupBy(own, ({ instance, dagId }) => `${instance}\n${dagId}`);
    await Promise.all([...byDag.values()].map(lookAtDag));
    return due.length === AT_ONCE && own.length > 0 ? 0 : LOOK_EVERY_MS;
  };

  return createLoop({ name: "triggers", step, clock, logger, random });
};
