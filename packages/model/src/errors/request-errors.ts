import { defineErrors } from "./definition.ts";

/** What can be wrong with a request before it reaches a use case. */
export const requestErrors = defineErrors({
  ADDRESS_INVALID: {
    status: 422,
    retryable: false,
    message: '"{value}" cannot be part of an address: {reason}. Give the plain id.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    retryable: false,
    message: "The request body is larger than {limit_bytes} bytes. Send less at once.",
  },
  BODY_UNREADABLE: {
    status: 400,
    retryable: false,
    message: "The request body is not valid JSON: {reason}. Send a JSON object.",
  },
  CONFIRMATION_NEEDED: {
    status: 409,
    retryable: false,
    message:
      'Instance "{instance}" is a production instance. Repeat the request with confirm = "{instance}" if you mean it.',
  },
  CURSOR_INVALID: {
    status: 400,
    retryable: false,
    message: "The cursor is not one of ours, or belongs to another query. Start again without cursor.",
  },
  MEDIA_TYPE_UNSUPPORTED: {
    status: 415,
    retryable: false,
    message: "Bodies of type {content_type} are not read here. Send application/json.",
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    retryable: false,
    message: "{method} is not possible on {path}. Allowed: {allowed}.",
  },
  REQUEST_INVALID: {
    status: 400,
    retryable: false,
    message: "The request is not valid: {summary}. See errors for each place.",
  },
  ROUTE_UNKNOWN: {
    status: 404,
    retryable: false,
    message: "There is nothing at {method} {path}. The routes are listed at /openapi.json.",
  },
  VERSION_CONFLICT: {
    status: 412,
    retryable: false,
    message:
      "{resource} was changed by somebody else since version {given}; it is at version {current}. Read it again, then repeat.",
  },
  VERSION_MISSING: {
    status: 428,
    retryable: false,
    message: "Say which version of {resource} you change: send If-Match with the ETag that you last read.",
  },
});
