import { type Answer, html, json, Refusal } from "../http/answer.ts";
import { pythonJson } from "../http/python-text.ts";
import type { Request } from "../http/request.ts";
import { createRouter } from "../http/router.ts";
import { recordEvent } from "../world/audit.ts";
import type { Deployment } from "../world/deployment.ts";
import { assetRoutes } from "./assets.ts";
import { backfillRoutes } from "./backfills.ts";
import { clearTaskRoutes } from "./clear-task-instances.ts";
import { connectionRoutes } from "./connections.ts";
import { dagFileRoutes } from "./dag-files.ts";
import { dagRoutes } from "./dags.ts";
import { logRoutes } from "./logs.ts";
import { patchTaskRoutes } from "./patch-task.ts";
import { poolRoutes } from "./pools.ts";
import { checkNumbers, type V2Call, type V2Route } from "./route.ts";
import { runRoutes } from "./runs.ts";
import { identify, signIn } from "./sign-in.ts";
import { systemRoutes } from "./system.ts";
import { taskTryRoutes } from "./task-tries.ts";
import { taskRoutes } from "./tasks.ts";
import { variableRoutes } from "./variables.ts";
import { waitRoutes } from "./wait.ts";
import { xcomRoutes } from "./xcoms.ts";

const ROOT = "/api/v2";

const router = createRouter<V2Route>([
  ...systemRoutes,
  ...dagRoutes,
  ...dagFileRoutes,
  ...runRoutes,
  ...clearTaskRoutes,
  ...logRoutes,
  ...assetRoutes,
  ...backfillRoutes,
  ...waitRoutes,
  ...xcomRoutes,
  ...taskTryRoutes,
  ...patchTaskRoutes,
  ...taskRoutes,
  ...variableRoutes,
  ...connectionRoutes,
  ...poolRoutes,
]);

const parsedBody = (request: Request): object => {
  try {
    const value = JSON.parse(request.body) as unknown;
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
};

/** Every try is written down, also one that is refused; a trigger's row names the run of the body. */
const audit = (call: V2Call, event: string): void => {
  const body = parsedBody(call.request);
  const runInBody = "dag_run_id" in body && typeof body.dag_run_id === "string" ? body.dag_run_id : null;
  recordEvent(call.deployment.world, {
    event,
    owner: call.user,
    dagId: call.params.dag_id ?? null,
    runId: call.params.dag_run_id ?? runInBody,
    taskId: call.params.task_id ?? null,
    extra: pythonJson({ ...body, method: call.request.method }),
  });
};

const handleApi = (deployment: Deployment, request: Request): Answer => {
  const match = router(request.method, request.path.slice(ROOT.length));
  if (match.kind === "none") return json(404, { error: "API route not found" });
  if (match.kind === "wrong method") return json(405, { detail: "Method Not Allowed" });
  const { route, params } = match;
  if (route.isPublic === true) return route.handle({ deployment, request, params, user: "anonymous" });
  const identity = identify(deployment, request);
  if ("refused" in identity) return identity.refused;
  const { user } = identity;
  checkNumbers(params);
  if (user.role === "viewer" && request.method !== "GET" && !route.path.endsWith("/list")) {
    return json(403, { detail: "Forbidden" });
  }
  const call: V2Call = { deployment, request, params, user: user.username };
  if (route.event !== undefined) audit(call, route.event);
  return route.handle(call);
};

const GONE = "/api/v1 has been removed in Airflow 3, please use its upgraded version /api/v2 instead.";

const NO_OPEN_DOOR = "This method is only allowed if ``[core] simple_auth_manager_all_admins`` is True";

const APP_PAGE = `<!doctype html><html lang="en"><head><title>Airflow</title></head><body><div id="root"></div></body></html>`;

/** Airflow 3.3: REST v2, its sign-in, and what it says to clients of Airflow 2. */
export const answerV2 = (deployment: Deployment, request: Request): Answer => {
  const { path } = request;
  try {
    if (path === ROOT || path.startsWith(`${ROOT}/`)) return handleApi(deployment, request);
    if (path.startsWith("/api/v1/")) return json(404, { error: GONE });
    if (path === "/health")
      return json(404, { error: "Moved in Airflow 3. Please change config to check `/api/v2/monitor/health`" });
    if (path === "/auth/token" || path === "/auth/token/cli") {
      return request.method === "POST" ? signIn(deployment, request) : json(403, { detail: NO_OPEN_DOOR });
    }
    if (path.startsWith("/api/")) return json(404, { error: "API route not found" });
    return html(200, APP_PAGE);
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
};
