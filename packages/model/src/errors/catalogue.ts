import { accessErrors } from "./access-errors.ts";
import { deploymentErrors } from "./deployment-errors.ts";
import { documentErrors } from "./document-errors.ts";
import { eventErrors } from "./event-errors.ts";
import { executionErrors } from "./execution-errors.ts";
import { houseErrors } from "./house-errors.ts";
import { instanceErrors } from "./instance-errors.ts";
import { pipelineErrors } from "./pipeline-errors.ts";
import { planErrors } from "./plan-errors.ts";
import { reportErrors } from "./report-errors.ts";
import { requestErrors } from "./request-errors.ts";
import { runErrors } from "./run-errors.ts";
import { scheduleErrors } from "./schedule-errors.ts";
import { selectorErrors } from "./selector-errors.ts";
import { stepErrors } from "./step-errors.ts";
import { stopErrors } from "./stop-errors.ts";
import { triggerErrors } from "./trigger-errors.ts";
import { subjectErrors } from "./subject-errors.ts";
import { webhookErrors } from "./webhook-errors.ts";
import { workErrors } from "./work-errors.ts";

/** Every coded error of the product. Docs and OpenAPI are generated from it. */
export const ERROR_CATALOGUE = {
  ...requestErrors,
  ...selectorErrors,
  ...accessErrors,
  ...instanceErrors,
  ...eventErrors,
  ...pipelineErrors,
  ...planErrors,
  ...reportErrors,
  ...workErrors,
  ...runErrors,
  ...stopErrors,
  ...stepErrors,
  ...scheduleErrors,
  ...executionErrors,
  ...deploymentErrors,
  ...triggerErrors,
  ...subjectErrors,
  ...houseErrors,
  ...documentErrors,
  ...webhookErrors,
};

export type ErrorCode = keyof typeof ERROR_CATALOGUE;
