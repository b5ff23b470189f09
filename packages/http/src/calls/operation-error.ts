import { AirfleetError, isAirfleetError } from "@airfleet/model";
import { type InstancePlace, placedError } from "./call-place.ts";
import type { Deadline } from "./deadline.ts";
import { ForeignGeneration } from "./instance-http.ts";

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
    return placedError(place, place.codes.answerInvalid, {
      method: "a call",
      path: "/",
      url: place.url,
      reason: error.message,
    });
  }
  return error;
};
