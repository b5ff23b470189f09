import type { Answer } from "../http/answer.ts";
import type { Request } from "../http/request.ts";
import { type PathParams, pathParam } from "../http/router.ts";
import type { Deployment } from "../world/deployment.ts";
import { invalid } from "./detail.ts";

const NUMBERS = [
  "try_number",
  "task_try_number",
  "map_index",
  "asset_id",
  "backfill_id",
  "event_log_id",
  "import_error_id",
  "version_number",
];

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

/** Refuses placeholders that have to be whole numbers and are not. */
export const checkNumbers = (params: PathParams): void => {
  for (const name of NUMBERS) {
    const input = params[name];
    if (input === undefined || /^-?\d+$/.test(input)) continue;
    const msg = "Input should be a valid integer, unable to parse string as an integer";
    invalid([{ type: "int_parsing", loc: ["path", name], msg, input }]);
  }
};

export const param = (call: V2Call, name: string): string => pathParam(call.params, name);
