import type { Scheduler } from "@airfleet/model";
import type { Selectable } from "kysely";
import type { EventNote } from "../events/events.ts";
import type { SealedPlace, SecretBox } from "../secrets/secret-box.ts";
import { fromJson, type JsonObject } from "../text/stored-json.ts";
import type { ScheduleDefinition, StoredSchedule } from "./schedule-repository.ts";
import type { ScheduleTable } from "./schedule-table.ts";

/** The place that a schedule's parameters are encrypted for. */
export const scheduleParamsPlace = (id: string): SealedPlace => ({ table: "schedules", row: id, field: "params" });

export const sealScheduleParams = (box: SecretBox, id: string, params: JsonObject): string | null =>
  Object.keys(params).length === 0 ? null : box.seal(scheduleParamsPlace(id), params);

export const toSchedule = (row: Selectable<ScheduleTable>, box: SecretBox): StoredSchedule => ({
  id: row.id,
  pipeline: row.pipeline_id,
  name: row.name,
  description: row.description,
  definition: fromJson(row.definition) as ScheduleDefinition,
  params: row.sealed_params === null ? {} : (box.open(scheduleParamsPlace(row.id), row.sealed_params) as JsonObject),
  isActive: row.is_active === 1,
  runBy: row.run_by as Scheduler,
  isPrimary: row.is_primary === 1,
  epoch: row.epoch,
  anchor: row.anchor,
  nextTick: row.next_tick,
  lastTick: row.last_tick,
  version: row.version,
  createdBy: row.created_by,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

/** `schedule.changed`: what became of a schedule. */
export const scheduleChanged = (
  schedule: Pick<StoredSchedule, "id" | "pipeline" | "isActive" | "runBy" | "version">,
  change: "created" | "updated" | "removed",
): EventNote => ({
  kind: "schedule.changed",
  payload: {
    id: schedule.id,
    pipeline_id: schedule.pipeline,
    is_active: schedule.isActive,
    run_by: schedule.runBy,
    version: schedule.version,
    change,
  },
});
