import type { CallOptions } from "@airfleet/engine";
import { type Clock, type Deadline, type InstancePlace, startDeadline, toOperationError } from "@airfleet/http";

/** Runs one operation of the port under its deadline, and lets out errors in our codes only. */
export type RunOperation = <T>(
  options: CallOptions | undefined,
  operation: (deadline: Deadline) => Promise<T>,
) => Promise<T>;

export const createRunOperation =
  (place: InstancePlace, clock: Clock, timeoutMs: number): RunOperation =>
  async (options, operation) => {
    using deadline = startDeadline(clock, options ?? {}, timeoutMs);
    try {
      return await operation(deadline);
    } catch (error) {
      throw toOperationError(error, deadline, place);
    }
  };
