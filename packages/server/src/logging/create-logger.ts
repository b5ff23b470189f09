import { isAirfleetError } from "@airfleet/model";
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from "pino";

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const SECRET_FIELDS = [
  "authorization",
  "cookie",
  "password",
  "token",
  "secret",
  "plain",
  "secret_access_key",
  "session_token",
];

/** Fields of these names are hidden wherever they stand, down to the third level. */
const REDACTED_PATHS = SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** Only what is a defect of ours needs the place in the code: the rest is told by its code and message. */
const isTold = (error: unknown): boolean => isAirfleetError(error) && error.status !== 500;

/** What lies below an expected trouble is told in a line as well: the socket's words, not the way there. */
const toLoggedCause = (error: Error): unknown => {
  const { cause } = error;
  return isTold(error) && cause instanceof Error ? { type: cause.name, message: cause.message } : toLoggedError(cause);
};

/** An error with its code and its whole chain of causes, so that a 502 in the log says what the socket said. */
const toLoggedError = (error: unknown): unknown => {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    type: error.name,
    ...(isAirfleetError(error) ? { code: error.code } : {}),
    message: error.message,
    ...(isTold(error) ? {} : { stack: error.stack }),
    ...(error.cause === undefined ? {} : { cause: toLoggedCause(error) }),
  };
};

/**
 * The process's log: a JSON object per line on stdout, with `time` (RFC 3339), `level` as a word and `msg`.
 *
 * @param destination Where lines go; stdout when absent.
 */
export const createLogger = (level: LogLevel = "info", destination?: DestinationStream): Logger => {
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: REDACTED_PATHS, censor: "***" },
    serializers: { err: toLoggedError, error: toLoggedError },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
};
