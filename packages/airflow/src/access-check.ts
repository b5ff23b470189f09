import type { ApiRequest } from "@airfleet/http";
import { path } from "./api-path.ts";

/** The cheapest read that needs credentials; version and health answer anybody. */
export const accessCheck = (root: string): ApiRequest => ({
  method: "GET",
  root,
  path: path`/dags`,
  query: { limit: 1 },
});
