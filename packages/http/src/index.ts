export {
  type AuthHeaders,
  basicHeader,
  bearerHeader,
  createFixedCredentials,
  type Credentials,
  type SignedRequest,
} from "./auth/credentials.ts";
export { createExecCredentials } from "./auth/exec.ts";
export { createTokenCredentials, type IssuedToken } from "./auth/token-credentials.ts";
export type { ApiPath } from "./calls/api-path.ts";
export { isInstanceFailure } from "./calls/attempt.ts";
export { createBreaker } from "./calls/breaker.ts";
export { BulkheadFull, createBulkhead } from "./calls/bulkhead.ts";
export { fromRefusingAnswer, fromWireFailure } from "./calls/call-errors.ts";
export { type InstancePlace, placedError, type TroubleCodes } from "./calls/call-place.ts";
export { type Deadline, startDeadline } from "./calls/deadline.ts";
export { readRefusal, shownReason } from "./calls/error-envelope.ts";
export {
  type ApiRequest,
  createInstanceHttp,
  type ExchangeRecord,
  ForeignGeneration,
  type InstanceHttp,
  type StreamedAnswer,
} from "./calls/instance-http.ts";
export { callFor, parseAnswer, parseJsonAnswer } from "./calls/parse-answer.ts";
export { type Query, toQueryPairs } from "./calls/query.ts";
export { createRetryBudget } from "./calls/retry-budget.ts";
export { backoffMs, isRetryableStatus, retryAfterMs } from "./calls/retry-policy.ts";
export { untilAborted } from "./calls/until-aborted.ts";
export { canonicalJson } from "./canonical-json.ts";
export { type Clock, sleep, systemClock } from "./clock.ts";
export { createScrubber, toSafeCause } from "./scrubber.ts";
export { checkHost, guardedLookup } from "./transport/address-guard.ts";
export { createDirectTransport } from "./transport/direct-transport.ts";
export { exchange } from "./transport/exchange.ts";
export { toBodyText, toTargetText } from "./transport/request-text.ts";
export { toTlsOptions } from "./transport/tls-options.ts";
export type { Transport, WireAnswer, WireRequest } from "./transport/transport.ts";
export { WireFailure } from "./transport/wire-failure.ts";
export { toOperationError } from "./calls/operation-error.ts";
