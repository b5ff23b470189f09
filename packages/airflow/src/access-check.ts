import { path } from "./http/api-path.ts";
import type { ApiRequest } from "./http/instance-http.ts";

/** The cheapest read that needs credentials; version and health answer anybody. */
export const accessCheck = (root: string): ApiRequest => ({
  method: "GET",
  root,
  path: path`/dags`,
  query: { limit: 1 },
});
