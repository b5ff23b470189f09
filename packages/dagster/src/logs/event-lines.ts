import { LOG_LEVELS, type LogLevel, type LogLine } from "@airfleet/model";
import type { RunEvent } from "../documents/logs.ts";

/** Where the output of a process is kept, and which tries of a step it wrote. */
export interface Capture {
  readonly fileKey: string;
  readonly pid: number | null;
}

/** What the event log of a run says of one try of a step. */
export interface StepEvents {
  /** Lines of the try, as they come. */
  readonly lines: LogLine[];
  /** Where its output is; undefined until its process has begun. */
  capture: Capture | undefined;
}

const toLevel = (level: string | undefined): LogLevel | null =>
  LOG_LEVELS.find((known) => known === level?.toLowerCase()) ?? null;

const toLines = (event: RunEvent): LogLine[] => {
  const at = event.timestamp === undefined ? null : new Date(Number(event.timestamp)).toISOString();
  const level = toLevel(event.level);
  const line = (text: string): LogLine => ({ at, level, source: "dagster", text });
  const { error } = event;
  const said = [error, ...(error?.causes ?? [])].flatMap((one) =>
    one === null || one === undefined ? [] : [one.message.trimEnd()],
  );
  return [...(event.message === undefined || event.message === "" ? [] : [event.message]), ...said]
    .flatMap((text) => text.split("\n"))
    .filter((text, index) => text !== "" || index === 0)
    .map(line);
};

/** Picks the events of one try of a step out of a run's log, page by page. A try ends where Dagster plans the next. */
export const createEventPicker = (stepKey: string, tryIndex: number) => {
  let index = 0;
  const picked: StepEvents = { lines: [], capture: undefined };
  return {
    picked,
    take: (events: readonly RunEvent[]): void => {
      for (const event of events) {
        const isOurs = event.stepKey === stepKey;
        if (event.__typename === "LogsCapturedEvent" && event.fileKey !== undefined) {
          const isOfStep = isOurs || event.stepKeys?.includes(stepKey) === true;
          // A process that carries out all steps of a run writes for each of their tries.
          if (isOfStep && index <= tryIndex) picked.capture = { fileKey: event.fileKey, pid: event.pid ?? null };
        }
        if (!isOurs) continue;
        if (index === tryIndex) picked.lines.push(...toLines(event));
        if (event.__typename === "ExecutionStepUpForRetryEvent") index += 1;
      }
    },
  };
};
