import type { LogLine } from "@airfleet/model";
import { z } from "zod";
import { toInstantOrNull } from "../instant.ts";
import { toLogLevel } from "./text-line.ts";

const Frame = z.object({ filename: z.string().nullish(), lineno: z.number().nullish(), name: z.string().nullish() });

const Exception = z.object({
  exc_type: z.string().nullish(),
  exc_value: z.string().nullish(),
  exc_notes: z.array(z.string()).nullish(),
  is_cause: z.boolean().nullish(),
  frames: z.array(Frame).nullish(),
});

/** One object of an Airflow 3 log; older files come as bare texts. */
const StructuredLine = z.union([
  z.string(),
  z
    .object({
      event: z.unknown(),
      timestamp: z.string().nullish(),
      level: z.string().nullish(),
      logger: z.string().nullish(),
      filename: z.string().nullish(),
      lineno: z.number().nullish(),
      error_detail: z.array(Exception).nullish().catch(null),
    })
    .loose(),
]);

const CAUSE = "The above exception was the direct cause of the following exception:";
const CONTEXT = "During handling of the above exception, another exception occurred:";

/** Written as Python prints it: the first cause first, which is the last of the list. */
const tracebackLines = (exceptions: readonly z.infer<typeof Exception>[]): string[] =>
  exceptions.toReversed().flatMap((exception, index, ordered) => {
    const frames = (exception.frames ?? []).map(
      ({ filename, lineno, name }) => `  File "${filename ?? "?"}", line ${lineno ?? "?"}, in ${name ?? "?"}`,
    );
    // `is_cause` says how the exception below came out of this one.
    const link = index === 0 ? [] : ["", ordered[index - 1]?.is_cause === true ? CAUSE : CONTEXT, ""];
    const type = exception.exc_type ?? "Exception";
    const value = exception.exc_value ?? "";
    const head = value === "" ? type : `${type}: ${value}`;
    return [
      ...link,
      "Traceback (most recent call last):",
      ...frames,
      ...head.split("\n"),
      ...(exception.exc_notes ?? []),
    ];
  });

/**
 * One entry of an Airflow 3 log as lines: its event, line by line, and the traceback of an exception below it. What is
 * not in the expected shape is shown as the JSON it is.
 */
export const parseStructuredLine = (entry: unknown): LogLine[] => {
  const parsed = StructuredLine.safeParse(entry);
  if (!parsed.success) return [{ at: null, level: null, source: null, text: JSON.stringify(entry) }];
  if (typeof parsed.data === "string") return [{ at: null, level: null, source: null, text: parsed.data }];
  const { event, timestamp, level, logger, filename, lineno, error_detail } = parsed.data;
  const place = {
    at: toInstantOrNull(timestamp),
    level: toLogLevel(level),
    source: logger ?? (filename === null || filename === undefined ? null : `${filename}:${lineno ?? 0}`),
  };
  const text = typeof event === "string" ? event : JSON.stringify(event ?? "");
  return [...text.split("\n"), ...tracebackLines(error_detail ?? [])].map((line) => ({ ...place, text: line }));
};
