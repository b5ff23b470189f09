import type { Answer } from "../http/answer.ts";
import type { Request } from "../http/request.ts";
import { type PathParams, pathParam } from "../http/router.ts";
import type { Deployment } from "../world/deployment.ts";

/** One request on its way through Airflow 3's API. */
export interface V2Call {
  readonly deployment: Deployment;
  readonly request: Request;
  readonly params: PathParams;
  /** Who asks. */
  readonly user: string;
}

export interface V2Route {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Below `/api/v2`. */
  readonly path: string;
  /** Needs no credentials. */
  readonly isPublic?: boolean;
  /** Name of the row it leaves in the audit log. */
  readonly event?: string;
  readonly handle: (call: V2Call) => Answer;
}

export const param = (call: V2Call, name: string): string => pathParam(call.params, name);
