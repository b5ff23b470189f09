import type { RouteId } from "@airfleet/contract";
import type { BoundRoute } from "./bound-route.ts";
import { alertRoutes } from "./alert-routes.ts";
import { connectionRoutes } from "./connection-routes.ts";
import { dagRoutes } from "./dag-routes.ts";
import { deploymentRoutes } from "./deployment-routes.ts";
import { eventRoutes } from "./event-routes.ts";
import { executionRoutes } from "./execution-routes.ts";
import { fleetRunRoutes } from "./fleet-run-routes.ts";
import { houseRoutes } from "./house-routes.ts";
import { instanceRoutes } from "./instance-routes.ts";
import { overviewRoutes } from "./overview-routes.ts";
import { retentionRoutes } from "./retention-routes.ts";
import { moduleRoutes } from "./module-routes.ts";
import { pipelineRoutes } from "./pipeline-routes.ts";
import { reportRoutes } from "./report-routes.ts";
import { reportSourceRoutes } from "./report-source-routes.ts";
import { runRoutes } from "./run-routes.ts";
import { scheduleRoutes } from "./schedule-routes.ts";
import { sessionRoutes } from "./session-routes.ts";
import { stopRoutes } from "./stop-routes.ts";
import { subjectRoutes } from "./subject-routes.ts";
import { subjectRuleRoutes } from "./subject-rule-routes.ts";
import { triggerKeyRoutes } from "./trigger-key-routes.ts";
import { triggerRoutes } from "./trigger-routes.ts";
import { webhookRoutes } from "./webhook-routes.ts";

/** The code behind every route of the contract; one that is missing does not compile. */
export const BOUND_ROUTES: Readonly<Record<RouteId, BoundRoute>> = {
  ...instanceRoutes,
  ...overviewRoutes,
  ...dagRoutes,
  ...runRoutes,
  ...fleetRunRoutes,
  ...stopRoutes,
  ...eventRoutes,
  ...reportRoutes,
  ...reportSourceRoutes,
  ...subjectRoutes,
  ...subjectRuleRoutes,
  ...retentionRoutes,
  ...triggerRoutes,
  ...triggerKeyRoutes,
  ...pipelineRoutes,
  ...executionRoutes,
  ...scheduleRoutes,
  ...moduleRoutes,
  ...connectionRoutes,
  ...deploymentRoutes,
  ...webhookRoutes,
  ...alertRoutes,
  ...sessionRoutes,
  ...houseRoutes,
};
