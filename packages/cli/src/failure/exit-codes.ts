import { ERROR_STATUS } from "@airfleet/sdk";

/** What the shell is told. The numbers are documented and never change their meaning. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  forbidden: 4,
  conflict: 5,
  timeout: 6,
  unavailable: 7,
  partial: 8,
  temporary: 75,
  interrupted: 130,
  terminated: 143,
} as const;

/** Each code with its meaning, for the docs. */
export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: "done",
  failure: "failed for another reason",
  usage: "the command was written wrongly, or a value in it is not valid",
  notFound: "there is no such instance, DAG, run, task or token",
  forbidden: "not signed in, not allowed, or an instance refused our credentials",
  conflict: "in conflict with how things are: exists already, changed by somebody else, not confirmed",
  timeout: "no answer in time",
  unavailable: "the server or an instance cannot be reached",
  partial: "some instances did it and some did not",
  temporary: "try again later: the data directory is used by another process, or the store is busy",
  interrupted: "interrupted by Ctrl-C",
  terminated: "ended by SIGTERM",
};

/** Codes whose HTTP status says less than the code itself. */
const BY_CODE: Readonly<Record<string, number>> = {
  DATA_DIR_LOCKED: EXIT.temporary,
  STORE_BUSY: EXIT.temporary,
  INSTANCE_BUSY: EXIT.temporary,
  INSTANCE_CREDENTIALS_REFUSED: EXIT.forbidden,
  INSTANCE_FORBIDDEN: EXIT.forbidden,
  RUN_ID_INVALID: EXIT.usage,
  LOGICAL_DATE_INVALID: EXIT.usage,
  ADDRESS_INVALID: EXIT.usage,
  INSTANCE_ID_INVALID: EXIT.usage,
  SERVER_UNREACHABLE: EXIT.unavailable,
  NOT_AIRFLEET: EXIT.unavailable,
  SERVER_TIMEOUT: EXIT.timeout,
};

const BY_STATUS: Readonly<Record<number, number>> = {
  400: EXIT.usage,
  401: EXIT.forbidden,
  403: EXIT.forbidden,
  404: EXIT.notFound,
  408: EXIT.timeout,
  409: EXIT.conflict,
  412: EXIT.conflict,
  413: EXIT.usage,
  421: EXIT.forbidden,
  428: EXIT.conflict,
  429: EXIT.temporary,
  502: EXIT.unavailable,
  503: EXIT.unavailable,
  504: EXIT.timeout,
};

/** The exit code that an error code means. */
export const toExitCode = (code: string, status?: number): number =>
  BY_CODE[code] ?? BY_STATUS[status ?? ERROR_STATUS[code] ?? 500] ?? EXIT.failure;

/** One exit code for many outcomes: all the same, or partial when some succeeded. */
export const combineExitCodes = (codes: readonly number[]): number => {
  const distinct = new Set(codes);
  const [first = EXIT.ok] = distinct;
  if (distinct.size <= 1) return first;
  return distinct.has(EXIT.ok) ? EXIT.partial : EXIT.failure;
};
