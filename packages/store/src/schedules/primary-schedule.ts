import { isOnSchedule, type PipelineContent, toCronExpression } from "@airfleet/model";
import type { Transaction } from "kysely";
import type { StoreContext } from "../context.ts";
import { appendEvents } from "../events/events.ts";
import type { Database } from "../schema.ts";
import { toStorableText } from "../text/storable-text.ts";
import type { ScheduleDefinition } from "./schedule-repository.ts";
import { scheduleChanged, toSchedule } from "./schedule-row.ts";

type Scheduled = Pick<PipelineContent, "name" | "schedule" | "isScheduled" | "timeZone" | "status">;

const toDefinition = (cron: string, timeZone: string): ScheduleDefinition => ({
  frequency: "custom",
  timeZone,
  startDate: null,
  endDate: null,
  times: { minute: 0, hour: 0, daysOfWeek: [], dayOfMonth: 1, cronExpression: cron, intervalSeconds: null },
  missed: "latest",
  instance: null,
  environment: null,
  kept: {},
});

/** Whether a definition says the same in other words, such as `daily` for `0 6 * * *`. */
const says = (definition: ScheduleDefinition, { schedule, timeZone }: Scheduled): boolean =>
  definition.timeZone === timeZone && toCronExpression(definition) === schedule;

/**
 * Makes the schedule that is shown of a pipeline equal to what the pipeline says, in the transaction that changes the
 * pipeline: there is one truth, and the engine that runs the pipeline acts on it.
 */
export const syncPrimarySchedule = async (
  trx: Transaction<Database>,
  context: StoreContext,
  pipeline: Scheduled & { readonly id: string },
  author: string,
): Promise<void> => {
  const { id, name, schedule, timeZone } = pipeline;
  const row = await trx
    .selectFrom("schedules")
    .selectAll()
    .where("pipeline_id", "=", id)
    .where("is_primary", "=", 1)
    .executeTakeFirst();
  const known = row === undefined ? undefined : toSchedule(row, context.box);
  if (schedule === null) {
    if (known === undefined) return;
    await trx.deleteFrom("schedules").where("id", "=", known.id).execute();
    await appendEvents(trx, context, [scheduleChanged(known, "removed")]);
    return;
  }
  const isActive = isOnSchedule(pipeline);
  const now = context.clock();
  if (known === undefined) {
    // The pipeline's own id: of one pipeline there is one such schedule, on every server.
    const created = await trx
      .insertInto("schedules")
      .values({
        id,
        pipeline_id: id,
        name: toStorableText(name),
        description: null,
        definition: JSON.stringify(toDefinition(schedule, timeZone)),
        sealed_params: null,
        is_active: isActive ? 1 : 0,
        run_by: "engine",
        is_primary: 1,
        epoch: 1,
        anchor: now,
        next_tick: null,
        last_tick: null,
        lease_until: null,
        fencing_token: 0,
        version: 1,
        created_by: toStorableText(author),
        created_at: now,
        updated_at: now,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    await appendEvents(trx, context, [scheduleChanged(toSchedule(created, context.box), "created")]);
    return;
  }
  if (says(known.definition, pipeline) && known.isActive === isActive) return;
  const definition = says(known.definition, pipeline) ? known.definition : toDefinition(schedule, timeZone);
  const changed = await trx
    .updateTable("schedules")
    .set({
      definition: JSON.stringify(definition),
      is_active: isActive ? 1 : 0,
      epoch: known.epoch + 1,
      version: known.version + 1,
      updated_at: now,
    })
    .where("id", "=", known.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  await appendEvents(trx, context, [scheduleChanged(toSchedule(changed, context.box), "updated")]);
};

/** Takes every schedule of a pipeline away with it. */
export const removeSchedules = async (
  trx: Transaction<Database>,
  context: StoreContext,
  pipeline: string,
): Promise<void> => {
  const rows = await trx.deleteFrom("schedules").where("pipeline_id", "=", pipeline).returningAll().execute();
  const notes = rows.map((row) => scheduleChanged(toSchedule(row, context.box), "removed"));
  if (notes.length > 0) await appendEvents(trx, context, notes);
};
