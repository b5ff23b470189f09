import { ROUTES } from "@airfleet/contract";
import type { Control } from "@airfleet/control";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import { readIfMatch, toETag } from "../http/version-tag.ts";
import { toStartedView } from "../views/execution-view.ts";
import { toInstant } from "../views/instants.ts";
import { toScheduleRequest, toScheduleView } from "../views/schedule-view.ts";
import { bind } from "./bind.ts";
import { given } from "./given.ts";
import { pagedOptions } from "./paged-options.ts";

const COUNTED = 10_000;

/** Who names a version means that one; who names none takes whatever is there, as clients of older servers do. */
const versionFor = async (control: Control, id: string, tag: string | undefined): Promise<number | undefined> => {
  if (tag === undefined) return undefined;
  const { schedule } = await control.schedules.get(id);
  return readIfMatch(tag, `schedule "${schedule.name}"`, schedule.version);
};

/** Schedules of pipelines. */
export const scheduleRoutes = {
  listSchedules: bind(ROUTES.listSchedules, async ({ control, query }) => {
    const { pipeline_id: pipeline, status, is_active: active, run_by: runBy } = query;
    const isActive = active ?? (status === undefined ? undefined : status === "active");
    const { page, ...options } = pagedOptions(query);
    const filter = given({ pipeline, isActive, runBy });
    const [found, counted] = await Promise.all([
      control.schedules.list({ ...filter, ...options }),
      control.schedules.count(filter, COUNTED + 1),
    ]);
    const items = found.items.map(toScheduleView);
    return {
      schedules: items,
      items,
      next_cursor: found.next,
      total: Math.min(counted, COUNTED),
      total_is_minimum: counted > COUNTED,
      page,
      page_size: query.page_size,
    };
  }),

  getScheduleStats: bind(ROUTES.getScheduleStats, async ({ control }) => {
    const { total, active, byEngine, byAirfleet } = await control.schedules.stats();
    return {
      total_schedules: total,
      active_schedules: active,
      paused_schedules: total - active,
      run_by_engine: byEngine,
      run_by_airfleet: byAirfleet,
    };
  }),

  createSchedule: bind(ROUTES.createSchedule, async ({ actor, body, control, setHeader }) => {
    const { pipeline_id: pipeline, name } = body;
    const shown = await control.schedules.create(actor, pipeline, { ...toScheduleRequest(body), name });
    setHeader("location", `/api/v1/schedules/${shown.schedule.id}`);
    setHeader("etag", toETag(shown.schedule.version));
    return toScheduleView(shown);
  }),

  getSchedule: bind(ROUTES.getSchedule, async ({ control, params, setHeader }) => {
    const shown = await control.schedules.get(params.schedule);
    setHeader("etag", toETag(shown.schedule.version));
    return toScheduleView(shown);
  }),

  putSchedule: bind(ROUTES.putSchedule, async ({ actor, body, control, header, params, setHeader }) => {
    const version = await versionFor(control, params.schedule, header("if-match"));
    const shown = await control.schedules.update(actor, params.schedule, toScheduleRequest(body), version);
    setHeader("etag", toETag(shown.schedule.version));
    return toScheduleView(shown);
  }),

  patchSchedule: bind(ROUTES.patchSchedule, async ({ actor, body, control, header, params, setHeader }) => {
    const version = await versionFor(control, params.schedule, header("if-match"));
    const shown = await control.schedules.update(actor, params.schedule, toScheduleRequest(body), version);
    setHeader("etag", toETag(shown.schedule.version));
    return toScheduleView(shown);
  }),

  deleteSchedule: bind(ROUTES.deleteSchedule, async ({ actor, control, header, params }) => {
    await control.schedules.remove(
      actor,
      params.schedule,
      await versionFor(control, params.schedule, header("if-match")),
    );
    return undefined;
  }),

  setScheduleStatus: bind(ROUTES.setScheduleStatus, async ({ actor, body, control, header, params }) => {
    const version = await versionFor(control, params.schedule, header("if-match"));
    const isActive = body.is_active ?? body.status === "active";
    return toScheduleView(await control.schedules.update(actor, params.schedule, { isActive }, version));
  }),

  triggerSchedule: bind(ROUTES.triggerSchedule, async ({ actor, control, header, params }) => {
    const key = readIdempotencyKey(header("idempotency-key"));
    return toStartedView(await control.schedules.trigger(actor, params.schedule, key));
  }),

  syncSchedule: bind(ROUTES.syncSchedule, async ({ actor, control, params }) =>
    toScheduleView(await control.schedules.sync(actor, params.schedule)),
  ),

  getScheduleNext: bind(ROUTES.getScheduleNext, async ({ control, params, query }) => {
    const { schedule } = await control.schedules.get(params.schedule);
    const ticks = await control.schedules.next(params.schedule, query.count);
    return { schedule_id: schedule.id, timezone: schedule.definition.timeZone, next_runs: ticks.map(toInstant) };
  }),
};
