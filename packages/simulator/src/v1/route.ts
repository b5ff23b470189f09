import type { Answer } from "../http/answer.ts";
import { pathParam, type PathParams } from "../http/router.ts";
import type { Request } from "../http/request.ts";
import type { Deployment } from "../world/deployment.ts";
import type { QuerySpec } from "./query.ts";

/** One request on its way through Airflow 2's API. */
export interface V1Call {
  readonly deployment: Deployment;
  readonly request: Request;
  readonly params: PathParams;
  /** Who asks. */
  readonly user: string;
}

export interface V1Route {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Below `/api/v1`. */
  readonly path: string;
  readonly query?: QuerySpec;
  /** Needs no credentials. */
  readonly isPublic?: boolean;
  /** Name of the row it leaves in the audit log. */
  readonly event?: string;
  readonly handle: (call: V1Call) => Answer;
}

export const PAGE: QuerySpec = { limit: "integer", offset: "integer" };
export const ORDERED_PAGE: QuerySpec = { ...PAGE, order_by: "string" };

export const param = (call: V1Call, name: string): string => pathParam(call.params, name);
