import { AirfleetError } from "../errors/airfleet-error.ts";

/** Airflow's names for usual expressions. */
export const CRON_PRESETS = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@quarterly": "0 0 1 */3 *",
  "@yearly": "0 0 1 1 *",
} as const;

/** An expression of which every library thinks alike: numbers only, and `*` for a field that names everything. */
export interface CronFields {
  /** Five fields. */
  readonly text: string;
  /** Whether it names every hour of the day. */
  readonly coversEveryHour: boolean;
}

interface Field {
  readonly name: string;
  readonly lowest: number;
  readonly highest: number;
  readonly words: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: readonly Field[] = [
  { name: "minute", lowest: 0, highest: 59, words: [] },
  { name: "hour", lowest: 0, highest: 23, words: [] },
  { name: "day of month", lowest: 1, highest: 31, words: [] },
  { name: "month", lowest: 1, highest: 12, words: MONTHS },
  { name: "day of week", lowest: 0, highest: 7, words: DAYS },
];

const LONGEST = 200;

class Mistake extends Error {}

const readNumber = (text: string, { name, lowest, highest, words }: Field): number => {
  const word = words.indexOf(text);
  const value = word >= 0 ? word + (name === "month" ? 1 : 0) : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= lowest && value <= highest)) {
    throw new Mistake(`the ${name} "${text}" is not within ${lowest}-${highest}`);
  }
  return value;
};

/** The numbers that one item of a list means. */
const readItem = (text: string, field: Field): readonly number[] => {
  const { name, lowest } = field;
  const highest = name === "day of week" ? 6 : field.highest;
  const [range = "", step, ...rest] = text.split("/");
  if (rest.length > 0) throw new Mistake(`the ${name} "${text}" has two steps`);
  if (step !== undefined && !/^[1-9]\d{0,2}$/.test(step)) {
    throw new Mistake(`the step in the ${name} "${text}" is no number above 0`);
  }
  const [from = "", to, ...more] = range.split("-");
  if (more.length > 0) throw new Mistake(`the ${name} "${text}" is no range`);
  if (range === "*") return stepsOf(lowest, highest, step);
  const first = readNumber(from, field);
  const last = to === undefined ? (step === undefined ? first : highest) : readNumber(to, field);
  if (last < first) throw new Mistake(`the range "${text}" of the ${name} ends before it begins`);
  return stepsOf(first, last, step);
};

const stepsOf = (first: number, last: number, step = "1"): readonly number[] =>
  Array.from({ length: Math.floor((last - first) / Number(step)) + 1 }, (_, index) => first + index * Number(step));

/** Weekdays that are counted within their month: `5#2` is the second Friday, `L5` the last. */
const readCounted = (text: string): string | null => {
  const counted = /^([a-z]{3}|\d)#([1-5])$/.exec(text);
  const last = /^l([0-7])$/.exec(text);
  const field = FIELDS[4] as Field;
  if (counted !== null) return `${readNumber(counted[1] ?? "", field) % 7}#${counted[2]}`;
  return last === null ? null : `${readNumber(last[1] ?? "", field) % 7}#L`;
};

const readField = (text: string, field: Field): string => {
  const numbers = new Set<number>();
  const special: string[] = [];
  for (const item of text.split(",")) {
    const counted = field.name === "day of week" ? readCounted(item) : null;
    if (counted !== null) special.push(counted);
    else if (field.name === "day of month" && item === "l") special.push("L");
    else for (const value of readItem(item, field)) numbers.add(field.name === "day of week" ? value % 7 : value);
  }
  if (special.length > 0 && numbers.size > 0 && field.name === "day of week") {
    throw new Mistake(`the day of week "${text}" mixes counted weekdays with others`);
  }
  // Every day that is named stays named: only a bare "*" leaves the day to the other of the two fields.
  const isAll = field.name.startsWith("day") ? text === "*" : numbers.size === field.highest - field.lowest + 1;
  if (isAll) return "*";
  return [...[...numbers].toSorted((a, b) => a - b).map(String), ...special].join(",");
};

/**
 * Reads an expression as Airflow does.
 *
 * @throws {AirfleetError} CRON_INVALID
 */
export const parseCronFields = (expression: string): CronFields => {
  const presets = Object.keys(CRON_PRESETS);
  const shown = expression.slice(0, LONGEST);
  const refuse = (reason: string): AirfleetError => new AirfleetError("CRON_INVALID", { cron: shown, reason, presets });
  const trimmed = expression.trim().toLowerCase();
  if (trimmed.length > LONGEST) throw refuse(`it is longer than ${LONGEST} characters`);
  const text = Object.hasOwn(CRON_PRESETS, trimmed) ? CRON_PRESETS[trimmed as keyof typeof CRON_PRESETS] : trimmed;
  const parts = text.split(/\s+/);
  if (parts.length !== FIELDS.length) throw refuse(`it has ${text === "" ? 0 : parts.length} fields`);
  try {
    const fields = FIELDS.map((field, index) => readField(parts[index] ?? "", field));
    if (fields[4]?.includes("#") === true && fields[2] !== "*") {
      throw new Mistake("a counted day of week leaves no room for a day of month");
    }
    return { text: fields.join(" "), coversEveryHour: fields[1] === "*" };
  } catch (error) {
    if (error instanceof Mistake) throw refuse(error.message);
    throw error;
  }
};
