import { recordEvent } from "../world/audit.ts";
import { type Answer, html, Refusal } from "../http/answer.ts";
import { pythonJson } from "../http/python-text.ts";
import type { Request } from "../http/request.ts";
import { createRouter } from "../http/router.ts";
import type { Deployment, UserSpec } from "../world/deployment.ts";
import { clearRoutes } from "./clear.ts";
import { connectionRoutes } from "./connections.ts";
import { dagFileRoutes } from "./dag-files.ts";
import { dagRoutes } from "./dags.ts";
import { datasetRoutes } from "./datasets.ts";
import { logRoutes } from "./logs.ts";
import { patchTaskRoutes } from "./patch-task.ts";
import { poolRoutes } from "./pools.ts";
import { notFoundPage, problem } from "./problem.ts";
import { checkQuery } from "./query.ts";
import type { V1Call, V1Route } from "./route.ts";
import { runRoutes } from "./runs.ts";
import { healthAnswer, systemRoutes } from "./system.ts";
import { taskTryRoutes } from "./task-tries.ts";
import { taskRoutes } from "./tasks.ts";
import { variableRoutes } from "./variables.ts";
import { xcomRoutes } from "./xcoms.ts";

const ROOT = "/api/v1";

const router = createRouter<V1Route>([
  ...systemRoutes,
  ...dagRoutes,
  ...dagFileRoutes,
  ...runRoutes,
  ...clearRoutes,
  ...logRoutes,
  ...datasetRoutes,
  ...xcomRoutes,
  ...taskTryRoutes,
  ...patchTaskRoutes,
  ...taskRoutes,
  ...variableRoutes,
  ...connectionRoutes,
  ...poolRoutes,
]);

const userOf = (deployment: Deployment, request: Request): UserSpec | undefined => {
  const [scheme, credentials = ""] = (request.headers.authorization ?? "").split(" ");
  if (scheme?.toLowerCase() !== "basic") return undefined;
  const [username, ...rest] = Buffer.from(credentials, "base64").toString("utf8").split(":");
  return deployment.users.find((user) => user.username === username && user.password === rest.join(":"));
};

const FORBIDDEN = problem(403, { detail: null });

const bodyForAudit = (request: Request): string => {
  try {
    return pythonJson(JSON.parse(request.body));
  } catch {
    return "{}";
  }
};

/** Every try is written down, also one that is refused. A trigger's row has no run id: it stands in the body only. */
const audit = (call: V1Call, event: string): void =>
  recordEvent(call.deployment.world, {
    event,
    owner: call.user,
    dagId: call.params.dag_id ?? null,
    runId: call.params.dag_run_id ?? null,
    taskId: call.params.task_id ?? null,
    extra: bodyForAudit(call.request),
  });

const redirect = (status: number, location: string): Answer => ({
  status,
  headers: { location, "content-type": "text/html; charset=utf-8" },
  body: `<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n<h1>Redirecting...</h1>\n<p>You should be redirected automatically to the target URL: <a href="${location}">${location}</a>. If not, click the link.\n`,
});

const handleApi = (deployment: Deployment, request: Request): Answer => {
  const match = router(request.method, request.path.slice(ROOT.length));
  if (match.kind === "none") {
    return problem(404, {
      detail:
        "The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.",
      isGeneric: true,
    });
  }
  if (match.kind === "wrong method") {
    return problem(405, {
      title: "Method Not Allowed",
      detail: "The method is not allowed for the requested URL.",
      isGeneric: true,
    });
  }
  const { route, params } = match;
  checkQuery(request.query, route.query ?? {});
  const user = userOf(deployment, request);
  // Bad credentials look like missing permission, without a challenge: Airflow falls back to the public role.
  if (route.isPublic !== true && user === undefined) return FORBIDDEN;
  if (user?.role === "viewer" && route.method !== "GET" && !route.path.endsWith("/list")) return FORBIDDEN;
  const call: V1Call = { deployment, request, params, user: user?.username ?? "anonymous" };
  if (route.event !== undefined) audit(call, route.event);
  return route.handle(call);
};

const LOGIN_PAGE = `<!DOCTYPE html><html lang="en"><head><title>Sign In - Airflow</title></head><body><form method="post" action="/login/"><input name="username"><input name="password" type="password"></form></body></html>`;

/** Airflow 2.11: REST v1 and the few pages around it. */
export const answerV1 = (deployment: Deployment, request: Request): Answer => {
  const { path } = request;
  const origin = `http://${request.headers.host ?? "localhost"}`;
  try {
    // Flask merges slashes before it looks for a route.
    if (path.includes("//")) return redirect(308, origin + path.replace(/\/{2,}/g, "/"));
    if (path === ROOT || path.startsWith(`${ROOT}/`)) return handleApi(deployment, request);
    if (path === "/health") return healthAnswer(deployment);
    if (path === "/login/") return html(200, LOGIN_PAGE);
    if (path === "/login") return redirect(308, `${origin}/login/`);
    if (path === "/") return redirect(302, "/home");
    if (path === "/home") return redirect(302, `/login/?next=${origin}/home`);
    return notFoundPage();
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
};
