import {
  type Clock,
  type Deadline,
  ForeignGeneration,
  type InstancePlace,
  startDeadline,
  toOperationError,
} from "@airfleet/http";
import type { CallOptions } from "@airfleet/engine";
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
