import * as alertRoutes from "./routes/alert-routes.ts";
import * as dagRoutes from "./routes/dag-routes.ts";
import * as deploymentRoutes from "./routes/deployment-routes.ts";
import * as eventRoutes from "./routes/event-routes.ts";
import * as executionRoutes from "./routes/execution-routes.ts";
import * as fleetRunRoutes from "./routes/fleet-run-routes.ts";
import * as houseRoutes from "./routes/house-routes.ts";
import * as instanceRoutes from "./routes/instance-routes.ts";
import * as overviewRoutes from "./routes/overview-routes.ts";
import * as retentionRoutes from "./routes/retention-routes.ts";
import * as connectionRoutes from "./routes/connection-routes.ts";
import * as moduleRoutes from "./routes/module-routes.ts";
import * as pipelineRoutes from "./routes/pipeline-routes.ts";
import * as reportSourceRoutes from "./routes/report-source-routes.ts";
import * as reportRoutes from "./routes/report-routes.ts";
import * as runRoutes from "./routes/run-routes.ts";
import * as scheduleRoutes from "./routes/schedule-routes.ts";
import * as sessionRoutes from "./routes/session-routes.ts";
import * as stopRoutes from "./routes/stop-routes.ts";
import * as subjectRoutes from "./routes/subject-routes.ts";
import * as subjectRuleRoutes from "./routes/subject-rule-routes.ts";
import * as triggerKeyRoutes from "./routes/trigger-key-routes.ts";
import * as triggerRoutes from "./routes/trigger-routes.ts";
import * as webhookRoutes from "./routes/webhook-routes.ts";

/** Every route of our API by id. */
export const ROUTES = {
  ...instanceRoutes,
  ...overviewRoutes,
  ...dagRoutes,
  ...runRoutes,
  ...fleetRunRoutes,
  ...stopRoutes,
  ...triggerRoutes,
  ...triggerKeyRoutes,
  ...eventRoutes,
  ...reportRoutes,
  ...reportSourceRoutes,
  ...subjectRoutes,
  ...subjectRuleRoutes,
  ...retentionRoutes,
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
export type RouteId = keyof typeof ROUTES;
