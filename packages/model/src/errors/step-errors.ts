import { defineErrors } from "./definition.ts";

/** Why a step of a pipeline ends without a result. */
export const stepErrors = defineErrors({
  STEP_FAILED: {
    status: 502,
    retryable: true,
    message: 'Step "{step}" failed: {reason} Trying again may help.',
  },
  STEP_PYTHON_MISSING: {
    status: 503,
    retryable: false,
    message:
      'Step "{step}" needs Python, and "{python}" cannot carry it out: {reason}. Install Python 3.10 to 3.12 with the package airfleet[runtime], and name its interpreter in embedded.python.',
  },
  STEP_REFUSED: {
    status: 422,
    retryable: false,
    message: 'Step "{step}" cannot be carried out as it is written: {reason}',
  },
});
