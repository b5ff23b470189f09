import { accessErrors } from "./access-errors.ts";
import { houseErrors } from "./house-errors.ts";
import { instanceErrors } from "./instance-errors.ts";
import { requestErrors } from "./request-errors.ts";
import { workErrors } from "./work-errors.ts";

/** Every coded error of the product. Docs and OpenAPI are generated from it. */
export const ERROR_CATALOGUE = {
  ...requestErrors,
  ...accessErrors,
  ...instanceErrors,
  ...workErrors,
  ...houseErrors,
};

export type ErrorCode = keyof typeof ERROR_CATALOGUE;
