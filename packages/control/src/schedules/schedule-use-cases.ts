import { randomUUID } from "node:crypto";
import { toDagName } from "@airfleet/compiler";
import { AirfleetError, createTicks, nextTicks, toCronExpression, toInstanceId } from "@airfleet/model";
import type {
  ScheduleDefinition,
  ScheduleFilter,
  ScheduleQuery,
  ScheduleTally,
  ScheduleWrite,
  Store,
  StoredSchedule,
  StorePage,
} from "@airfleet/store";
import type { Actor } from "../actor.ts";
import type { Clock } from "../clock.ts";
import { choosePlace } from "../executions/choose-place.ts";
import type { ExecutableDeployments, ExecutablePipelines } from "../executions/execution-ports.ts";
import type { ExecutionTicket, ExecutionUseCases } from "../executions/execution-use-cases.ts";
import { chooseScheduler } from "./choose-scheduler.ts";
import { NEW, withRequest } from "./change-definition.ts";
import type { ScheduleRequest } from "./schedule-request.ts";

/** A schedule with what is computed of it. Times are epoch milliseconds. */
export interface ShownSchedule {
  readonly schedule: StoredSchedule;
  readonly cron: string | null;
  readonly dagId: string;
  readonly nextRunAt: number | null;
  readonly tally: ScheduleTally;
  /** Why it is not the engine that starts its runs; null when it is. */
  readonly reason: string | null;
  /** The version with this schedule is live on the instance; null where the engine has nothing to do with it. */
  readonly isSynced: boolean | null;
}

export interface ScheduleStats {
  readonly total: number;
  readonly active: number;
  readonly byEngine: number;
  readonly byAirfleet: number;
}

/** Schedules of pipelines: each with one scheduler in charge of it. */
export interface ScheduleUseCases {
  /** @throws PIPELINE_UNKNOWN, SCHEDULE_INVALID, CRON_INVALID, CRON_NEVER, TIME_ZONE_UNKNOWN */
  create(actor: Actor, pipeline: string, request: ScheduleRequest & { readonly name: string }): Promise<ShownSchedule>;
  /** @throws SCHEDULE_UNKNOWN */
  get(id: string): Promise<ShownSchedule>;
  list(query: ScheduleQuery): Promise<StorePage<ShownSchedule>>;
  count(filter: ScheduleFilter, most: number): Promise<number>;
  stats(): Promise<ScheduleStats>;
  /** @throws SCHEDULE_UNKNOWN, VERSION_CONFLICT, and what `create` throws */
  update(actor: Actor, id: string, request: ScheduleRequest, version?: number): Promise<ShownSchedule>;
  /** @throws SCHEDULE_UNKNOWN, VERSION_CONFLICT */
  remove(actor: Actor, id: string, version?: number): Promise<void>;
  /** Starts one run now, besides its ticks. @throws SCHEDULE_UNKNOWN, and what executing throws */
  trigger(actor: Actor, id: string, key?: string): Promise<ExecutionTicket>;
  /** Brings the pipeline with this schedule to its instance. @throws SCHEDULE_UNKNOWN, what deploying throws */
  sync(actor: Actor, id: string): Promise<ShownSchedule>;
  /** The next ticks, epoch milliseconds; none while it is switched off. @throws SCHEDULE_UNKNOWN */
  next(id: string, count: number): Promise<readonly number[]>;
}

interface Ports {
  readonly store: Pick<Store, "schedules" | "executions">;
  readonly pipelines: Pick<ExecutablePipelines, "sound" | "setSchedule">;
  readonly deployments: ExecutableDeployments;
  readonly executions: Pick<ExecutionUseCases, "execute">;
  readonly clock: Clock;
  readonly onChanged: () => void;
  readonly onWritten: () => void;
}

const COUNTED = 10_000;
const NO_RUNS: ScheduleTally = { total: 0, successful: 0, failed: 0, lastAt: null };
const authorOf = ({ id, sourceIp, requestId }: Actor) => ({ actor: id, sourceIp, requestId });

export const createScheduleUseCases = (ports: Ports): ScheduleUseCases => {
  const { store, pipelines, deployments, executions, clock, onChanged, onWritten } = ports;
  const { schedules } = store;

  const find = async (id: string): Promise<StoredSchedule> => {
    const schedule = await schedules.find(id);
    if (schedule === undefined) throw new AirfleetError("SCHEDULE_UNKNOWN", { schedule: id });
    return schedule;
  };

  const placeOf = async (schedule: StoredSchedule, actor: Actor) => {
    const { instance, environment } = schedule.definition;
    const pipeline = await pipelines.sound(schedule.pipeline, actor);
    const place = {
      ...(instance === null ? {} : { instance: toInstanceId(instance) }),
      ...(environment === null ? {} : { environment }),
    };
    return choosePlace(pipeline, place, deployments.places());
  };

  /** Whether the newest version, and with it this schedule, is what some instance has now. */
  const isSynced = async (schedule: StoredSchedule): Promise<boolean | null> => {
    if (schedule.runBy !== "engine") return null;
    for (const { id } of deployments.places()) {
      const version = await deployments.present(schedule.pipeline, id);
      if (version !== undefined && (version.state === "live" || version.state === "triggerable")) return true;
    }
    return false;
  };

  const nextOf = ({ definition, anchor, isActive, nextTick, runBy }: StoredSchedule, count: number) => {
    if (!isActive) return [];
    const from = runBy === "airfleet" && nextTick !== null ? nextTick - 1 : clock.now();
    return nextTicks(createTicks(definition, anchor), from, count);
  };

  const show = async (all: readonly StoredSchedule[]): Promise<readonly ShownSchedule[]> => {
    const tallies = await store.executions.tallies(all.map(({ id }) => id));
    return Promise.all(
      all.map(async (schedule): Promise<ShownSchedule> => {
        const { definition, params, isPrimary, runBy } = schedule;
        const choice = chooseScheduler(definition, params, isPrimary);
        return {
          schedule,
          cron: toCronExpression(definition),
          dagId: toDagName(schedule.pipeline),
          nextRunAt: nextOf(schedule, 1)[0] ?? null,
          tally: tallies.get(schedule.id) ?? NO_RUNS,
          reason: runBy === "engine" ? null : (choice.reason ?? "this server was in charge of it before, and stays so"),
          isSynced: await isSynced(schedule),
        };
      }),
    );
  };

  const showOne = async (schedule: StoredSchedule): Promise<ShownSchedule> => {
    const [shown] = await show([schedule]);
    if (shown === undefined) throw new AirfleetError("SCHEDULE_UNKNOWN", { schedule: schedule.id });
    return shown;
  };

  const told = async (schedule: StoredSchedule): Promise<ShownSchedule> => {
    onWritten();
    onChanged();
    return showOne(schedule);
  };

  /** Everything that can be wrong with it is found here, before anything is written. */
  const firstTick = (definition: ScheduleDefinition, anchor: number): number | null =>
    createTicks(definition, anchor).after(clock.now());

  const writePrimary = (actor: Actor, pipeline: string, definition: ScheduleDefinition, isActive: boolean) =>
    pipelines.setSchedule(
      pipeline,
      { cron: toCronExpression(definition) ?? "", timeZone: definition.timeZone, isActive },
      actor,
    );

  const create: ScheduleUseCases["create"] = async (actor, pipeline, request) => {
    const definition = withRequest(NEW, request);
    const nextTick = firstTick(definition, clock.now());
    const { isActive = true, params = {}, name, description = null } = request;
    const known = await schedules.primaryOf(pipeline);
    const { runBy } = chooseScheduler(definition, params, known === undefined);
    const write: ScheduleWrite = { name, description, definition, params, isActive, runBy, nextTick };
    if (runBy === "airfleet") {
      await pipelines.sound(pipeline, actor).catch((error: unknown) => {
        // A draft may have a schedule; whether it can run is judged at each tick.
        if (error instanceof AirfleetError && error.code === "PIPELINE_INVALID") return;
        throw error;
      });
      return told(await schedules.create({ ...write, id: randomUUID(), pipeline }, authorOf(actor)));
    }
    await writePrimary(actor, pipeline, definition, isActive);
    const made = await schedules.primaryOf(pipeline);
    if (made === undefined) throw new AirfleetError("PIPELINE_UNKNOWN", { id: pipeline });
    // What the pipeline itself has no room for: the name, and how the expression was put.
    const kept = { ...write, isActive: made.isActive };
    return told(await schedules.update(made.id, kept, made.version, authorOf(actor)));
  };

  const update: ScheduleUseCases["update"] = async (actor, id, request, version) => {
    const present = await find(id);
    const read = version ?? present.version;
    const definition = withRequest(present.definition, request);
    const params = request.params ?? present.params;
    const isActive = request.isActive ?? present.isActive;
    const nextTick = firstTick(definition, present.anchor);
    const name = request.name ?? present.name;
    const description = request.description === undefined ? present.description : request.description;
    const write: ScheduleWrite = { name, description, definition, params, isActive, runBy: "airfleet", nextTick };
    if (!present.isPrimary) return told(await schedules.update(id, write, read, authorOf(actor)));
    const { runBy, reason } = chooseScheduler(definition, params, true);
    if (runBy !== "engine") {
      throw new AirfleetError("SCHEDULE_INVALID", {
        field: "frequency",
        reason: `asks for what only this server can do (${reason ?? ""}), but the engine runs this one as the pipeline's own. Make a new schedule, and remove this one`,
      });
    }
    if (present.version !== read) {
      throw new AirfleetError("VERSION_CONFLICT", {
        resource: `Schedule "${present.name}"`,
        given: read,
        current: present.version,
      });
    }
    await writePrimary(actor, present.pipeline, definition, isActive);
    const changed = await find(id);
    const kept: ScheduleWrite = { ...write, isActive: changed.isActive, runBy: "engine", nextTick: null };
    return told(await schedules.update(id, kept, changed.version, authorOf(actor)));
  };

  return {
    create,
    update,
    get: async (id) => showOne(await find(id)),

    async list(query) {
      const page = await schedules.list(query);
      return { items: await show(page.items), next: page.next };
    },

    count: (filter, most) => schedules.count(filter, most),

    async stats() {
      const [total, active, byEngine, byAirfleet] = await Promise.all([
        schedules.count({}, COUNTED),
        schedules.count({ isActive: true }, COUNTED),
        schedules.count({ runBy: "engine" }, COUNTED),
        schedules.count({ runBy: "airfleet" }, COUNTED),
      ]);
      return { total, active, byEngine, byAirfleet };
    },

    async remove(actor, id, version) {
      const present = await find(id);
      if (!present.isPrimary) await schedules.remove(id, version ?? present.version, authorOf(actor));
      else await pipelines.setSchedule(present.pipeline, null, actor);
      onWritten();
      onChanged();
    },

    async trigger(actor, id, key) {
      const { pipeline, params, definition } = await find(id);
      return executions.execute(actor, {
        pipeline,
        params,
        triggerType: "scheduled",
        schedule: id,
        ...(definition.instance === null ? {} : { instance: toInstanceId(definition.instance) }),
        ...(definition.environment === null ? {} : { environment: definition.environment }),
        ...(key === undefined ? {} : { key }),
      });
    },

    async sync(actor, id) {
      const schedule = await find(id);
      const instance = await placeOf(schedule, actor);
      await deployments.ensureLive({ pipeline: schedule.pipeline, instance, actor, since: clock.now() });
      return showOne(schedule);
    },

    next: async (id, count) => nextOf(await find(id), count),
  };
};
