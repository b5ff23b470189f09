import {
  AirfleetError,
  isAirfleetError,
  isTerminalRunState,
  type InstanceId,
  toInstanceId,
  toRunCondition,
} from "@airfleet/model";
import type { RunListQuery, Store, StoredRun, StorePage } from "@airfleet/store";
import type { InstanceUseCases, LiveUseCases } from "../control.ts";
import type { FleetInstance } from "../fleet/fleet-instance.ts";
import { selectDagsOfRuns, type SelectedDags, selectInstances } from "../fleet/select.ts";
import type { FleetRun, FleetRunUseCases, FleetTasks } from "./fleet-run.ts";
import { isInstanceTrouble } from "./instance-trouble.ts";
import { given } from "./given.ts";
import { joinConditions } from "./join-conditions.ts";
import { byRun, toReportedRun } from "./reported-run.ts";
import { fromSelectedCursor, toSelectedCursor } from "./selected-cursor.ts";
import type { RunTracker } from "./run-tracker.ts";

interface FleetRunPorts {
  readonly store: Pick<Store, "runs" | "dags" | "inbox">;
  readonly instances: Pick<InstanceUseCases, "list">;
  readonly live: Pick<LiveUseCases, "run" | "tasks" | "tries">;
  readonly tracker: RunTracker;
  /** How fresh an instance's feed of runs is. */
  readonly freshness: (instance: InstanceId) => { readonly observedAt: number | null; readonly stale: boolean };
  readonly now: () => number;
}

const ALL_DAGS: SelectedDags = { dagIds: undefined, includes: () => true };

/** Pages of the store that are looked through for one page of ours, when a selector leaves much of them out. */
const ROUNDS = 10;

export const createFleetRunUseCases = (ports: FleetRunPorts): FleetRunUseCases => {
  const { store, instances, live, tracker, freshness, now } = ports;

  const describe = async (
    runs: readonly StoredRun[],
    size: "small" | "whole" = "small",
  ): Promise<readonly FleetRun[]> => {
    const keys = runs.map(({ key }) => key);
    const details = byRun(await store.inbox.reportedDetails.list(keys, size));
    const known = new Map<string, FleetInstance>(instances.list().map((instance) => [instance.id, instance]));
    return runs.flatMap((run): FleetRun[] => {
      const instance = known.get(run.instance);
      if (instance === undefined) return [];
      const feed = freshness(instance.id);
      const readAt = Math.max(run.record.read?.at ?? 0, run.record.goneAt ?? 0);
      const observedAt = Math.max(readAt, feed.observedAt ?? 0) || run.changedAt;
      const reported = toReportedRun(details.get(run.key) ?? [], run.record);
      return [{ run, instance, observedAt, stale: feed.stale, reported }];
    });
  };

  /** Where the selector asks more of DAGs than their id, rows of the store's pages are left out. */
  const listPage = async (query: RunListQuery, dags: SelectedDags): Promise<StorePage<FleetRun>> => {
    const items: FleetRun[] = [];
    let after = query.after;
    for (let round = 0; round < ROUNDS; round += 1) {
      const limit = query.limit - items.length;
      const page = await store.runs.list({ ...query, limit, ...given({ after }) });
      items.push(...(await describe(page.items.filter((run) => dags.includes(run.instance, run.record.dagId)))));
      if (page.next === null) return { items, next: null };
      after = page.next;
      // A page that is nearly full is better than a last row that takes another look at everything.
      if (items.length * 2 >= query.limit) break;
    }
    return { items, next: after ?? null };
  };

  return {
    describe: (runs) => describe(runs),

    async list(query) {
      const { selector, after, ...plain } = query;
      if (selector === undefined) return listPage(query, ALL_DAGS);
      const place = fromSelectedCursor(after, now());
      const known = instances.list();
      const visible = known.filter(({ id }) => query.instances === undefined || query.instances.includes(id));
      const picked = selectInstances(selector, visible).map(({ id }) => id);
      const dags = await selectDagsOfRuns(selector, picked, store.dags);
      const condition = { ...toRunCondition(selector, place.now), ...given({ dagIds: dags.dagIds }) };
      const joined = joinConditions(plain, condition);
      if (joined === undefined || picked.length === 0) return { items: [], next: null };
      // A list of the whole fleet is one range of an index; a list of all its instances is not.
      const narrowed = picked.length < known.length ? { instances: picked } : {};
      const page = await listPage(
        { ...joined, ...narrowed, limit: query.limit, ...given({ after: place.after }) },
        dags,
      );
      return { ...page, next: page.next === null ? null : toSelectedCursor(place.now, page.next) };
    },

    async get(key, canSee) {
      const found = await store.runs.find(key);
      const [described] = found !== undefined && canSee(found.instance) ? await describe([found], "whole") : [];
      if (described === undefined) throw new AirfleetError("RUN_KEY_UNKNOWN", { run: key });
      return described;
    },

    async refresh({ run }, signal) {
      const { dagId, runId } = run.record;
      const instance = toInstanceId(run.instance);
      const at = tracker.timeOf(instance);
      const told = { dagId, runId, at, source: "poll" } as const;
      try {
        const read = await live.run(instance, { dagId, runId }, signal === undefined ? {} : { signal });
        await tracker.note(instance, [{ ...told, kind: "read", run: read }]);
      } catch (error) {
        if (!isAirfleetError(error, "RUN_UNKNOWN")) throw error;
        await tracker.note(instance, [{ ...told, kind: "gone" }]);
      }
      return this.get(run.key, () => true);
    },

    history: (key) => store.runs.history(key),

    async tasks({ run }, from, signal): Promise<FleetTasks> {
      const { dagId, runId, state } = run.record;
      const remembered = async (): Promise<FleetTasks> => {
        const stored = await store.runs.tasks(run.key);
        const observedAt = stored.reduce((oldest, task) => Math.min(oldest, task.observedAt), Infinity);
        return {
          tasks: stored.map(({ task }) => task),
          source: "stored",
          observedAt: observedAt === Infinity ? (run.record.read?.at ?? run.changedAt) : observedAt,
        };
      };
      const readNow = async (): Promise<FleetTasks> => {
        const observedAt = now();
        const options = signal === undefined ? {} : { signal };
        return { tasks: await live.tasks(run.instance, { dagId, runId }, options), source: "live", observedAt };
      };
      if (from === "stored") return remembered();
      if (from === "live") return readNow();
      const known = await remembered();
      const endedAt = Date.parse(run.record.read?.run.endedAt ?? "");
      const isFinal = isTerminalRunState(state) && known.tasks.length > 0 && known.observedAt >= endedAt;
      if (isFinal || run.record.goneAt !== null) return known;
      try {
        return await readNow();
      } catch (error) {
        if (known.tasks.length > 0 && isInstanceTrouble(error)) return known;
        throw error;
      }
    },

    async tries({ run }, task, signal): Promise<FleetTasks> {
      const { dagId, runId } = run.record;
      try {
        const observedAt = now();
        const options = signal === undefined ? {} : { signal };
        const tasks = await live.tries(run.instance, { dagId, runId, ...task }, options);
        return { tasks, source: "live", observedAt };
      } catch (error) {
        const isGone = isAirfleetError(error, "RUN_UNKNOWN", "TASK_UNKNOWN", "DAG_UNKNOWN", "CAPABILITY_MISSING");
        if (!isGone && !isInstanceTrouble(error)) throw error;
        const present = (await store.runs.tasks(run.key)).filter(
          (one) => one.task.taskId === task.taskId && one.task.mapIndex === task.mapIndex,
        );
        const kept = [...(await store.runs.tries(run.key, task)), ...present];
        if (kept.length === 0) throw error;
        const observedAt = Math.max(...kept.map((one) => one.observedAt));
        return { tasks: kept.map((one) => one.task), source: "stored", observedAt };
      }
    },
  };
};
