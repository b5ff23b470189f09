import type { Actor } from "@airfleet/control";
import { toDagId } from "@airfleet/model";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { authorize, canSee } from "../../access/authorize.ts";
import { readBasicLogin } from "../../access/basic-login.ts";
import { abortWhenClientLeaves } from "../../http/client-gone.ts";
import type { Desk } from "../../routes/bound-route.ts";
import { type AddressFacts, findAddressed, noInstance } from "./addressed.ts";
import { dagRoutes } from "./dag-routes.ts";
import { ANSWER_WITHIN_MS, type ExperimentalContext, type ExperimentalRoute } from "./experimental-route.ts";
import { latestRunsRoute } from "./latest-runs.ts";
import { ownRoutes } from "./own-routes.ts";
import { poolRoutes } from "./pool-routes.ts";
import { readAnyBody, UNREADABLE } from "./read-body.ts";
import { ExperimentalRefusal } from "./refusal.ts";
import { runRoutes } from "./run-routes.ts";
import { startRunRoute } from "./start-run.ts";

/** The experimental API of Airflow 1.10 and 2, as far as its clients use it. */
const EXPERIMENTAL_ROUTES: readonly ExperimentalRoute[] = [
  ...ownRoutes,
  startRunRoute,
  ...runRoutes,
  latestRunsRoute,
  ...dagRoutes,
  ...poolRoutes,
];

const ROOT = "/api/experimental";

/** Of the default instance, and of every one under a path of its own. */
const BASES = [ROOT, `/experimental/:instance${ROOT}`] as const;

/** The words of the two generations of the original that checked signatures. */
const REFUSED = {
  check_payload: "Failed to decrypt or data is corrupted",
  token: "Failed to verify data",
} as const;

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (body: unknown): Fields | undefined => {
  if (body === undefined) return {};
  return typeof body === "object" && body !== null && !Array.isArray(body) ? (body as Fields) : undefined;
};

type Admitted = Pick<ExperimentalContext, "instance" | "actor" | "isSigned">;

/**
 * Who asks, and of which instance. Where that has trigger keys, a run is started by a signature only, whatever else the
 * caller shows; it stands for a login then. Refused ones are counted by address, as failed sign-ins are.
 *
 * @throws {AirfleetError} RATE_LIMITED instead of a refusal, once there were too many
 */
const admit = async (
  route: ExperimentalRoute,
  request: FastifyRequest,
  { control, limits }: Desk,
  facts: AddressFacts,
): Promise<Admitted> => {
  const path = request.url.split("?", 1)[0] ?? "";
  const wish = { permission: route.permission, resource: `${request.method} ${path}` };
  const instance = findAddressed(control, facts);
  if (route.isSigned === true && instance !== undefined) {
    const dagId = toDagId((request.params as Readonly<Record<string, string>>)["dag_id"] ?? "");
    const verdict = await control.triggerKeys.check({
      instance: instance.id,
      dagId,
      body: fieldsOf(request.body) ?? {},
    });
    if (verdict.kind === "refused") {
      request.log.warn(
        { instance: instance.id, dag_id: dagId, reason: verdict.reason },
        "a signed trigger was refused",
      );
      await limits.countFailure(request);
      throw new ExperimentalRefusal(403, REFUSED[verdict.field], { isPlain: true });
    }
    if (verdict.kind === "accepted") {
      const actor: Actor = {
        id: `trigger-key:${verdict.id}`,
        role: "operator",
        instances: [instance.id],
        sourceIp: request.ip,
        requestId: request.id,
      };
      return { instance, actor, isSigned: true };
    }
  }
  const actor = await authorize(request.actor, wish, control.audit);
  if (instance === undefined || !canSee(actor, instance.id)) throw noInstance(control, actor, facts);
  return { instance, actor, isSigned: false };
};

const answer = async (
  route: ExperimentalRoute,
  request: FastifyRequest,
  reply: FastifyReply,
  { desk, defaultInstance }: { readonly desk: Desk; readonly defaultInstance: string | undefined },
): Promise<void> => {
  const params = request.params as Readonly<Record<string, string>>;
  const user = readBasicLogin(request.headers.authorization)?.user;
  const admitted = await admit(route, request, desk, { named: params["instance"], user, defaultInstance });
  const body = fieldsOf(request.body);
  if (request.body === UNREADABLE) throw new ExperimentalRefusal(400, "The body cannot be read as JSON");
  if (body === undefined) throw new ExperimentalRefusal(400, "The body must be a JSON object");
  const query = request.query as Fields;
  const reading = { signal: abortWhenClientLeaves(reply), timeoutMs: ANSWER_WITHIN_MS };
  const answered = await route.answer({ ...desk, ...admitted, params, query, body, request, reply, reading });
  void reply
    .header("deprecation", "true")
    .type(typeof answered === "string" ? "text/plain; charset=utf-8" : "application/json; charset=utf-8")
    .send(answered);
};

/**
 * Registers the experimental API. It translates to the use cases and does nothing of its own.
 *
 * @param defaultInstance `experimental.default_instance` of the settings.
 */
export const serveExperimental = async (
  app: FastifyInstance,
  desk: Desk,
  defaultInstance: string | undefined,
): Promise<void> => {
  await app.register(async (scope) => {
    readAnyBody(scope);
    for (const route of EXPERIMENTAL_ROUTES) {
      for (const base of BASES) {
        scope.route({
          method: route.method,
          url: `${base}${route.path}`,
          handler: async (request, reply) => {
            await answer(route, request, reply, { desk, defaultInstance });
            return reply;
          },
        });
      }
    }
  });
};
