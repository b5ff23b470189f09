import { z } from "zod";
import { defineDocument } from "./document.ts";
import { PYTHON_ERROR, unionFields } from "./parts.ts";

/** Loads a code location anew; answered when that is done. */
export const reloadDocument = defineDocument<{ readonly location: string }>()(
  "Reload",
  `mutation Reload($location: String!) { reloadRepositoryLocation(repositoryLocationName: $location) { __typename
    ... on ReloadNotSupported { message } ... on RepositoryLocationNotFound { message } ... on UnauthorizedError { message } ${PYTHON_ERROR} } }`,
  z.object({ reloadRepositoryLocation: z.object(unionFields) }),
);
