import type { DagSpec } from "../specs/dag-spec.ts";

const PRESETS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/** The five fields behind a preset. */
export const cronTextOf = (pattern: string): string => PRESETS[pattern] ?? pattern;

const isNumber = (text: string | undefined): text is string => text !== undefined && /^\d+$/.test(text);

const describeCron = (pattern: string): string => {
  const [minute, hour, day, month, weekday] = cronTextOf(pattern).split(/\s+/);
  const step = /^\*\/(\d+)$/.exec(minute ?? "")?.[1];
  const everyDay = day === "*" && month === "*" && weekday === "*";
  if (everyDay && hour === "*" && minute === "*") return "Every minute";
  if (everyDay && hour === "*" && step !== undefined) return `Every ${step} minutes`;
  if (everyDay && hour === "*" && minute === "0") return "Every hour";
  if (isNumber(minute) && isNumber(hour)) {
    const time = `At ${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
    return everyDay ? time : `${time}, on ${[day, month, weekday].join(" ")}`;
  }
  return `Cron ${pattern}`;
};

/** The words Airflow shows beside a schedule. */
export const describeSchedule = (spec: DagSpec): string => {
  const schedule = spec.schedule ?? null;
  if (schedule === null) return "Never, external triggers only";
  if (typeof schedule === "string") return describeCron(schedule);
  return "assets" in schedule ? "Triggered by assets" : "";
};

/** An interval as Python prints a timedelta: `0:05:00`. */
export const intervalText = (seconds: number): string => {
  const days = Math.floor(seconds / 86_400);
  const rest = seconds % 86_400;
  const clock = [Math.floor(rest / 3600), Math.floor((rest % 3600) / 60), Math.floor(rest % 60)];
  const time = `${clock[0]}:${String(clock[1]).padStart(2, "0")}:${String(clock[2]).padStart(2, "0")}`;
  return days === 0 ? time : `${days} day${days === 1 ? "" : "s"}, ${time}`;
};
