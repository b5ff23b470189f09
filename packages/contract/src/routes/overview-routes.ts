import { defineRoute } from "../route.ts";
import { MatrixQuery, MatrixView, OverviewView } from "../schemas/overview.ts";

export const getOverview = defineRoute({
  id: "getOverview",
  method: "GET",
  path: "/api/v1/overview",
  area: "Fleet",
  summary: "The fleet at a glance: every instance with what runs on it, and what is wrong now",
  description: "Answered from the store. What is wrong comes worst first: production, then reach, then age.",
  permission: "run:read",
  response: OverviewView,
  errors: [],
});

export const getMatrix = defineRoute({
  id: "getMatrix",
  method: "GET",
  path: "/api/v1/matrix",
  area: "Fleet",
  summary: "DAG × instance: the newest run of each DAG everywhere, in few words",
  description: "A small answer for boards: a thousand DAGs on twenty instances fit in one page.",
  permission: "dag:read",
  query: MatrixQuery,
  response: MatrixView,
  errors: ["CURSOR_INVALID", "INSTANCE_UNKNOWN", "SELECTOR_INVALID"],
  example: { query: { selector: "tag=tier1" } },
});
