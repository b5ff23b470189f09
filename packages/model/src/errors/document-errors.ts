import { defineErrors } from "./definition.ts";

/** What can go wrong with the small definitions that people keep through the API. */
export const documentErrors = defineErrors({
  DOCUMENT_EXISTS: {
    status: 409,
    retryable: false,
    message: 'There is a {kind} "{id}" already. Choose another id, or change that one.',
  },
  DOCUMENT_UNKNOWN: { status: 404, retryable: false, message: 'There is no {kind} "{id}".' },
});
