import { AirfleetError, type ErrorCode, type ErrorDetails, type InstanceId } from "@airfleet/model";
import { type Scrub, toSafeCause } from "../scrubber.ts";
import type { WireRequest } from "../transport/transport.ts";

/** The words for trouble that depend on what is called. */
export interface TroubleCodes {
  readonly answerInvalid: ErrorCode;
  readonly answerTooLarge: ErrorCode;
  readonly refused: ErrorCode;
  readonly serverError: ErrorCode;
}

/** What every error about an instance names. */
export interface InstancePlace {
  readonly instance: InstanceId;
  /** Origin and path of the configured URL, never its user info or query. */
  readonly url: string;
  readonly scrub: Scrub;
  readonly codes: TroubleCodes;
}

/** The path as errors show it. */
export const shownPath = (request: Pick<WireRequest, "root" | "path">): string => `${request.root}${request.path.text}`;

interface PlacedErrorOptions {
  readonly request?: Pick<WireRequest, "method" | "root" | "path">;
  readonly cause?: unknown;
  readonly retryAfterSeconds?: number | undefined;
}

/** An error about an instance, its cause made safe to show. */
export const placedError = (
  place: InstancePlace,
  code: ErrorCode,
  details: ErrorDetails,
  { request, cause, retryAfterSeconds }: PlacedErrorOptions = {},
): AirfleetError =>
  new AirfleetError(
    code,
    {
      instance: place.instance,
      ...(request === undefined ? {} : { method: request.method, path: shownPath(request) }),
      ...details,
    },
    {
      ...(cause === undefined ? {} : { cause: toSafeCause(cause, place.scrub) }),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
  );
