import { defineErrors } from "./definition.ts";

/** What can go wrong with saying when something runs. */
export const scheduleErrors = defineErrors({
  CRON_INVALID: {
    status: 422,
    retryable: false,
    message:
      'Cron expression "{cron}" cannot be used: {reason}. Write five fields (minute, hour, day of month, month, day of week) of numbers, names, "*", lists, ranges and steps, such as "30 6 * * mon-fri", or one of {presets}.',
  },
  CRON_NEVER: {
    status: 422,
    retryable: false,
    message: 'Cron expression "{cron}" names no day that there ever is. Correct its day of month or its month.',
  },
  TIME_ZONE_UNKNOWN: {
    status: 422,
    retryable: false,
    message: 'There is no time zone "{time_zone}". Use a name of the tz database such as "Europe/Zurich", or "UTC".',
  },
});
