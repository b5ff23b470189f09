import { defineErrors } from "./definition.ts";

/** What can go wrong with runs as the fleet remembers them. */
export const runErrors = defineErrors({
  RUN_KEY_UNKNOWN: {
    status: 404,
    retryable: false,
    message: "There is no run {run}, or retention has dropped it. Look for it in the list of runs.",
  },
});
