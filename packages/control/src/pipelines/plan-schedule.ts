import {
  createCalendar,
  isAirfleetError,
  isOnSchedule,
  type PipelineContent,
  type PipelineFinding,
  type PlanSchedule,
} from "@airfleet/model";

/** When a pipeline runs by itself, or what is wrong with that. */
export interface ReadSchedule {
  readonly schedule: PlanSchedule | null;
  readonly findings: readonly PipelineFinding[];
}

const wrong = (
  severity: PipelineFinding["severity"],
  message: string,
  fix: string,
  field: string,
): PipelineFinding => ({
  severity,
  type: "invalid_schedule",
  message,
  fix,
  node: null,
  edge: null,
  field,
});

/**
 * The schedule of a pipeline as its plan has it. It starts at the tick before it was first scheduled, so that every
 * engine has the same intervals for ever.
 *
 * @param firstScheduledAt epoch milliseconds
 */
export const toPlanSchedule = (content: PipelineContent, firstScheduledAt: number): ReadSchedule => {
  const { schedule: cron, timeZone, isScheduled, status } = content;
  if (cron === null) {
    if (!isScheduled) return { schedule: null, findings: [] };
    const message = "The pipeline is to run by itself and has no schedule.";
    return { schedule: null, findings: [wrong("error", message, 'Give it one, such as "0 3 * * *".', "schedule")] };
  }
  try {
    const start = new Date(firstScheduledAt);
    const startDate = (createCalendar(cron, timeZone).alignToPrevious(start) ?? start).toISOString();
    if (isOnSchedule(content)) {
      return { schedule: { cron, timeZone, startDate, endDate: null, catchup: false }, findings: [] };
    }
    const reason = isScheduled ? `its status is ${status}` : "is_scheduled is false";
    const message = `The pipeline has a schedule and does not run by it: ${reason}.`;
    const fix = isScheduled
      ? "Make its status active when it is to run."
      : "Set is_scheduled when it is to run by itself.";
    return { schedule: null, findings: [wrong("warning", message, fix, isScheduled ? "status" : "is_scheduled")] };
  } catch (error) {
    if (!isAirfleetError(error, "CRON_INVALID", "CRON_NEVER", "TIME_ZONE_UNKNOWN")) throw error;
    const isZone = error.code === "TIME_ZONE_UNKNOWN";
    const fix = isZone ? "Name a zone of the tz database, such as Europe/Paris." : "Correct the cron expression.";
    return { schedule: null, findings: [wrong("error", error.message, fix, isZone ? "time_zone" : "schedule")] };
  }
};
