import { defineErrors } from "./definition.ts";

/** What can go wrong between us and an instance. */
export const instanceErrors = defineErrors({
  AIRFLOW_ANSWER_INVALID: {
    status: 502,
    retryable: false,
    message:
      'Instance "{instance}" answered {method} {path} in a form we do not understand: {reason}. Is {url} really an Airflow server?',
  },
  AIRFLOW_ANSWER_TOO_LARGE: {
    status: 502,
    retryable: false,
    message: 'Instance "{instance}" answered {method} {path} with more than {limit_bytes} bytes; reading stopped.',
  },
  AIRFLOW_REFUSED: {
    status: 502,
    retryable: false,
    message: 'Instance "{instance}" refused {method} {path} with status {status}: {reason}',
  },
  AIRFLOW_SERVER_ERROR: {
    status: 502,
    retryable: true,
    message: 'Instance "{instance}" failed at {method} {path} with status {status}: {reason}',
  },
  CAPABILITY_MISSING: {
    status: 422,
    retryable: false,
    message: 'Instance "{instance}" ({version}) cannot {ability}. {hint}',
  },
  INSTANCE_ANSWER_INVALID: {
    status: 502,
    retryable: false,
    message:
      'Instance "{instance}" answered {method} {path} in a form we do not understand: {reason}. Is {url} really its address?',
  },
  INSTANCE_ANSWER_TOO_LARGE: {
    status: 502,
    retryable: false,
    message: 'Instance "{instance}" answered {method} {path} with more than {limit_bytes} bytes; reading stopped.',
  },
  INSTANCE_AUTH_UNSUPPORTED: {
    status: 422,
    retryable: false,
    message: 'Instance "{instance}" runs {software}, which auth.type {type} is not for. Use one of: {allowed}.',
  },
  INSTANCE_BUSY: {
    status: 503,
    retryable: true,
    message: 'Too many calls to instance "{instance}" are waiting ({queued}). Try again in {retry_after_s} seconds.',
  },
  INSTANCE_CREDENTIALS_REFUSED: {
    status: 502,
    retryable: false,
    message:
      'Instance "{instance}" refused our credentials (status {status}). Check its auth settings with: airfleet doctor {instance}',
  },
  INSTANCE_DISABLED: {
    status: 409,
    retryable: false,
    message: 'Instance "{instance}" is disabled. Enable it before acting on it.',
  },
  INSTANCE_EXISTS: {
    status: 409,
    retryable: false,
    message: 'An instance "{instance}" exists already (ids are compared without case), from {source}.',
  },
  INSTANCE_FORBIDDEN: {
    status: 502,
    retryable: false,
    message: 'Instance "{instance}" says our user may not do this ({method} {path}). Give it the permission there.',
  },
  INSTANCE_FROM_FILE: {
    status: 409,
    retryable: false,
    message: 'Instance "{instance}" comes from {file}. Change it there; it is read again at once.',
  },
  INSTANCE_ID_INVALID: {
    status: 422,
    retryable: false,
    message:
      '"{instance}" is no instance id. Use letters, digits, "_", "." and "-", starting with a letter or digit, at most 64.',
  },
  INSTANCE_REDIRECTED: {
    status: 502,
    retryable: false,
    message:
      'Instance "{instance}" redirected {path} to {location}, as servers do that want a browser login. Give its API credentials, or the right url.',
  },
  INSTANCE_REFUSED: {
    status: 502,
    retryable: false,
    message: 'Instance "{instance}" refused {method} {path} with status {status}: {reason}',
  },
  INSTANCE_SERVER_ERROR: {
    status: 502,
    retryable: true,
    message: 'Instance "{instance}" failed at {method} {path} with status {status}: {reason}',
  },
  INSTANCE_SIGNING_KEY_UNUSABLE: {
    status: 502,
    retryable: false,
    message:
      'The key that signs calls to instance "{instance}" with {algorithm} cannot be used: {reason}. Give {expected} in auth.key.',
  },
  INSTANCE_SIGNING_UNSUPPORTED: {
    status: 502,
    retryable: false,
    message:
      'Instance "{instance}" runs Airflow 3, where auth.type jwt does nothing: the only key that tokens are signed with is the deployment\'s own, and whoever holds it can be any user there. Use auth.type login with a user that has no more rights than needed.',
  },
  INSTANCE_TIMEOUT: {
    status: 504,
    retryable: true,
    message: 'Instance "{instance}" did not answer {method} {path} within {timeout_ms} ms.',
  },
  INSTANCE_TLS_FAILED: {
    status: 502,
    retryable: false,
    message: 'The certificate of instance "{instance}" was not accepted: {reason}. Give its CA in tls.ca.',
  },
  INSTANCE_TOKEN_COMMAND_FAILED: {
    status: 502,
    retryable: false,
    message:
      'The command "{command}" that prints a token for instance "{instance}" failed: {reason}. Run it by hand to see what it says.',
  },
  INSTANCE_UNKNOWN: { status: 404, retryable: false, message: 'There is no instance "{instance}". Known: {known}.' },
  INSTANCE_UNREACHABLE: {
    status: 502,
    retryable: true,
    message: 'Instance "{instance}" cannot be reached at {url}: {reason}.',
  },
});
