export { type CallOptions, type Client, type ClientOptions, createClient } from "./create-client.ts";
export { ERROR_STATUS } from "./error-status.gen.ts";
export { AirfleetApiError, AirfleetConnectionError, type ConnectionProblem } from "./errors.ts";
export type { FollowOptions, StreamItem, StreamReset } from "./follow-events.ts";
export type { CallInput, EventSelection, ItemOf, PagedRouteId, RouteAnswer } from "./call-types.ts";
export type { Exchange } from "./send.ts";
