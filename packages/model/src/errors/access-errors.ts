import { defineErrors } from "./definition.ts";

/** Who may not come in, and why. */
export const accessErrors = defineErrors({
  CROSS_SITE_REFUSED: {
    status: 403,
    retryable: false,
    message:
      "A browser page of another site sent this request. In local mode Airfleet answers only its own pages and command lines.",
  },
  FORBIDDEN: {
    status: 403,
    retryable: false,
    message: "{actor} may not {permission} on {resource}. Ask an admin for a token with that permission.",
  },
  HOST_REFUSED: {
    status: 421,
    retryable: false,
    message: 'The host name "{host}" is not one this server answers to. Add it to server.hosts.',
  },
  LOCAL_MODE_EXPOSED: {
    status: 422,
    retryable: false,
    message:
      'The server cannot listen on "{host}" with auth.mode: local, which trusts everybody who reaches it. Listen on 127.0.0.1, or set auth.mode: token.',
  },
  PROXY_REFUSED: {
    status: 403,
    retryable: false,
    message:
      'The request came through a proxy (header "{header}"), but auth.mode is local, which trusts everybody who reaches it. Use auth.mode: token.',
  },
  RATE_LIMITED: {
    status: 429,
    retryable: true,
    message: "More than {limit} {what} in a minute. Wait {retry_after_s} seconds.",
  },
  TOKEN_EXPIRED: {
    status: 401,
    retryable: false,
    message: "The token {token} expired at {expired_at}. Create a new one with: airfleet tokens create",
  },
  TOKEN_ID_UNKNOWN: { status: 404, retryable: false, message: 'There is no token with the id "{token}".' },
  TOKEN_MISSING: {
    status: 401,
    retryable: false,
    message: "This server needs a token. Send Authorization: Bearer <token>; create one with: airfleet tokens create",
  },
  TOKEN_UNKNOWN: {
    status: 401,
    retryable: false,
    message: "The token is not known here or was revoked. Create a new one with: airfleet tokens create",
  },
});
