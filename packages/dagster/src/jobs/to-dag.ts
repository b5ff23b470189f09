import type { Dag, DagDetail, DagId } from "@airfleet/model";
import type { JobShape } from "../documents/jobs.ts";
import { toInstantOrNull } from "../instant.ts";
import { toTagWords } from "../tags.ts";

/** Several crons of one schedule come as Python writes a list: `['0 2 * * *', '30 14 * * *']`. */
export const readCrons = (text: string): readonly string[] =>
  text.startsWith("[")
    ? [...text.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, single, double]) => single ?? double ?? "")
    : [text];

/** What starts a job by itself, in words: its crons, or the names of its sensors. */
const describeSchedule = ({ schedules, sensors }: Pick<JobShape, "schedules" | "sensors">): string | null => {
  const words = [
    ...schedules.flatMap(({ cronSchedule }) => readCrons(cronSchedule)),
    ...sensors.map(({ name }) => `sensor ${name}`),
  ];
  return words.length === 0 ? null : words.join(", ");
};

/** What starts a job by itself. */
export const instigatorsOf = ({ schedules, sensors }: Pick<JobShape, "schedules" | "sensors">) => [
  ...schedules.map(({ scheduleState }) => scheduleState),
  ...sensors.map(({ sensorState }) => sensorState),
];

/** Paused: it has schedules or sensors, and every one of them is stopped. Without any nothing is there to pause. */
const isPaused = (job: Pick<JobShape, "schedules" | "sensors">): boolean => {
  const states = instigatorsOf(job);
  return states.length > 0 && states.every(({ status }) => status !== "RUNNING");
};

const nextRunAt = ({ schedules }: Pick<JobShape, "schedules">): number | null => {
  const ticks = schedules.flatMap(({ futureTicks }) => futureTicks.results.flatMap(({ timestamp }) => timestamp ?? []));
  return ticks.length === 0 ? null : Math.min(...ticks);
};

interface Place {
  readonly dagId: DagId;
  readonly location: string;
  readonly updatedAt: number;
}

export const toDag = ({ dagId, location, updatedAt }: Place, job: JobShape): Dag => {
  const next = nextRunAt(job);
  return {
    dagId,
    displayName: job.name,
    description: job.description ?? null,
    isPaused: isPaused(job),
    isStale: false,
    hasImportErrors: false,
    file: null,
    fileToken: null,
    bundle: location,
    owners: job.owners.flatMap(({ email, team }) => email ?? team ?? []),
    tags: toTagWords(job.tags),
    schedule: describeSchedule(job),
    scheduleDescription: null,
    nextRun:
      next === null
        ? null
        : { logicalDate: null, intervalStart: null, intervalEnd: null, runAfter: toInstantOrNull(next) },
    lastParsedAt: toInstantOrNull(updatedAt),
    maxActiveRuns: null,
  };
};

/** A job of a location that was whole when we last saw it and is broken now. */
export const toLostDag = ({ dagId, location, updatedAt }: Place, name: string): Dag => ({
  dagId,
  displayName: name,
  description: null,
  isPaused: false,
  isStale: true,
  hasImportErrors: true,
  file: null,
  fileToken: null,
  bundle: location,
  owners: [],
  tags: [],
  schedule: null,
  scheduleDescription: null,
  nextRun: null,
  lastParsedAt: toInstantOrNull(updatedAt),
  maxActiveRuns: null,
});

const metadataOf = (job: JobShape, label: string): string | null => {
  const entry = job.metadataEntries.find((each) => each.label === label);
  return entry?.text ?? entry?.jsonString ?? null;
};

const readParams = (text: string | null): Readonly<Record<string, unknown>> => {
  if (text === null) return {};
  try {
    const params: unknown = JSON.parse(text);
    return typeof params === "object" && params !== null && !Array.isArray(params) ? { ...params } : {};
  } catch {
    return {};
  }
};

/** `airfleet/doc_md` and `airfleet/params` are metadata that our generated jobs carry. */
export const toDagDetail = (dag: Dag, job: JobShape | null): DagDetail => ({
  ...dag,
  docMd: job === null ? null : metadataOf(job, "airfleet/doc_md"),
  timezone: job?.schedules[0]?.executionTimezone ?? "UTC",
  catchup: false,
  startDate: null,
  endDate: null,
  params: readParams(job === null ? null : metadataOf(job, "airfleet/params")),
  versionNumber: null,
});
