import { defineErrors } from "./definition.ts";

/**
 * Why a report of an instance is not believed, or cannot be understood. What a caller who has proved nothing is told is
 * the same whether there is such an instance or not.
 */
export const reportErrors = defineErrors({
  REPORT_BARE_PATHS_TAKEN: {
    status: 409,
    retryable: false,
    message:
      'Paths that name no instance are for reports of "{taken_by}" already. Take bare_paths from that source first, or let the sender post to /reports/{instance}/…',
  },
  REPORT_BODY_CHANGED: {
    status: 401,
    retryable: false,
    message:
      'The body is not the one that was signed: "body_sha256" of the token must be the base64url SHA-256 of its bytes. Sign the bytes that are sent.',
  },
  REPORT_FORMAT_UNKNOWN: {
    status: 422,
    retryable: false,
    message:
      'The report at "{path}" has none of the known forms: {reason}. The path must end in status, progress or results, with the body {"payload": …}.',
  },
  REPORT_INVALID: {
    status: 422,
    retryable: false,
    message:
      "The report is not one of version 1: {summary}. Its JSON Schema is docs/reference/report.schema.json of Airfleet.",
  },
  REPORT_KEYS_UNAVAILABLE: {
    status: 503,
    retryable: true,
    message: 'The published keys for reports of "{instance}" cannot be read: {reason}. Send the report again later.',
  },
  REPORT_KEY_REFUSED: {
    status: 422,
    retryable: false,
    message: 'The {field} of the key "{key_id}" cannot be used: {reason}. Make a new one with: airfleet reports keygen',
  },
  REPORT_SIGNATURE_INVALID: {
    status: 401,
    retryable: false,
    message:
      'No key that is valid for reports of "{instance}" made this signature. Set its sender up with: airfleet reports connect',
  },
  REPORT_TOKEN_EXPIRED: {
    status: 401,
    retryable: false,
    message:
      "The report's token expired at {expired_at}, and it is {now} here. Correct the sender's clock, sign anew and send again.",
  },
  REPORT_TOKEN_INVALID: {
    status: 401,
    retryable: false,
    message:
      "The report's token cannot be used: {reason}. It needs iss, aud, iat, exp, jti and body_sha256; see docs/guides/reports.md of Airfleet.",
  },
  REPORT_TOKEN_NOT_YET_VALID: {
    status: 401,
    retryable: false,
    message:
      "The report's token is from {issued_at}, and it is {now} here. Correct the sender's clock, sign anew and send again.",
  },
  REPORT_UNSIGNED: {
    status: 401,
    retryable: false,
    message:
      'Reports of "{instance}" are taken only when they are signed. Set its sender up with: airfleet reports connect',
  },
  REPORT_WRONG_INSTANCE: {
    status: 401,
    retryable: false,
    message:
      'The report is about "{named}", and its sender may speak of "{instance}" only. Sign reports with the key of the instance that they are about.',
  },
});
