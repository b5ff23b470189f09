import { defineErrors } from "./definition.ts";

/** What can go wrong with plans that an engine is given. */
export const planErrors = defineErrors({
  PLAN_INVALID: {
    status: 422,
    retryable: false,
    message: "The plan cannot be carried out: {reason}. Compile the pipeline with this version and deploy it again.",
  },
});
