import { ERROR_CATALOGUE, type ErrorCode } from "./catalogue.ts";

/** Values that fill the message's `{placeholders}`; also shown to machines. Never put a secret here. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** One finding among several in a bad input: where it is (JSON pointer or file:line:column), what is wrong, what to do. */
export interface ErrorFinding {
  readonly pointer: string;
  readonly message: string;
  readonly code?: string;
}

export interface AirfleetErrorOptions {
  readonly cause?: unknown;
  readonly findings?: readonly ErrorFinding[];
  /** Seconds after which trying again makes sense. */
  readonly retryAfterSeconds?: number;
}

const fill = (template: string, details: ErrorDetails): string =>
  template.replace(/\{([a-z_]+)\}/g, (whole, name: string) => {
    const value = details[name];
    return value === undefined ? whole : Array.isArray(value) ? value.join(", ") : String(value);
  });

/** Every error that leaves one of our packages: a code from the catalogue, its filled message, and the cause. */
export class AirfleetError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly findings: readonly ErrorFinding[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options: AirfleetErrorOptions = {}) {
    super(
      fill(ERROR_CATALOGUE[code].message, details),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = "AirfleetError";
    this.code = code;
    this.details = details;
    this.findings = options.findings ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** The HTTP status that our API answers for it. */
  get status(): number {
    return ERROR_CATALOGUE[this.code].status;
  }

  /** Whether the same request may succeed later without being changed. */
  get retryable(): boolean {
    return ERROR_CATALOGUE[this.code].retryable;
  }
}

/** Whether a caught value is one of ours, optionally with one of these codes. */
export const isAirfleetError = (value: unknown, ...codes: ErrorCode[]): value is AirfleetError =>
  value instanceof AirfleetError && (codes.length === 0 || codes.includes(value.code));
