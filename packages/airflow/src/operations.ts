import {
  type Clock,
  type Deadline,
  ForeignGeneration,
  type InstancePlace,
  placedError,
  startDeadline,
} from "@airfleet/http";
import type { CallOptions } from "@airfleet/engine";
import { AirfleetError, isAirfleetError } from "@airfleet/model";
import type { Api } from "./api.ts";
import type { InstanceLink } from "./instance-link.ts";

/** Runs one operation of the port: its deadline, its generation, and errors in our codes only. */
export type RunOperation = <T>(
  options: CallOptions | undefined,
  operation: (api: Api, deadline: Deadline) => Promise<T>,
) => Promise<T>;

interface OperationParts {
  readonly link: InstanceLink;
  readonly place: InstancePlace;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** What is thrown when waiting ended before anything was sent, or when the caller gave up (then its own reason). */
export const toOperationError = (error: unknown, deadline: Deadline, place: InstancePlace): unknown => {
  if (isAirfleetError(error)) return error;
  if (deadline.isOver()) {
    return new AirfleetError("INSTANCE_TIMEOUT", {
      instance: place.instance,
      method: "any call to",
      path: place.url,
      timeout_ms: deadline.timeoutMs,
    });
  }
  if (error instanceof ForeignGeneration) {
    return placedError(place, "AIRFLOW_ANSWER_INVALID", {
      method: "a call",
      path: "/",
      url: place.url,
      reason: error.message,
    });
  }
  return error;
};

export const createRunOperation = ({ link, place, clock, timeoutMs }: OperationParts): RunOperation => {
  return async (options, operation) => {
    using deadline = startDeadline(clock, options ?? {}, timeoutMs);
    try {
      const api = await link.connect(deadline);
      try {
        return await operation(api, deadline);
      } catch (error) {
        if (!(error instanceof ForeignGeneration)) throw error;
        // Its paths do not exist there, so nothing was done: once more, with the right ones.
        link.forget();
        return await operation(await link.connect(deadline), deadline);
      }
    } catch (error) {
      throw toOperationError(error, deadline, place);
    }
  };
};
