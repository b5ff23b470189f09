import type { RouteDefinition } from "@airfleet/contract";
import type { Actor, Control, FleetInstance } from "@airfleet/control";
import { AirfleetError } from "@airfleet/model";
import type { FastifyReply, FastifyRequest } from "fastify";
import { authorize, canSee } from "../access/authorize.ts";
import { abortWhenClientLeaves } from "../http/client-gone.ts";
import { parseRequest } from "../http/parse-request.ts";
import type { Desk, RouteContext } from "./bound-route.ts";

/** Names this many instances in an error, so that a typo is found without listing a fleet of hundreds. */
const NAMED_INSTANCES = 20;

/** An instance that the actor may see. One out of scope is answered exactly as one that does not exist. */
export const findInstance = async (
  control: Control,
  actor: Actor,
  id: string,
  wish: string,
): Promise<FleetInstance> => {
  const visible = control.instances.list().filter((instance) => canSee(actor, instance.id));
  const found = visible.find((instance) => instance.id === id);
  if (found !== undefined) return found;
  if (!canSee(actor, id)) await control.audit.denied(actor, wish, `instance ${id}`);
  const known = visible.map((instance) => instance.id);
  throw new AirfleetError("INSTANCE_UNKNOWN", {
    instance: id,
    known: known.length > NAMED_INSTANCES ? [...known.slice(0, NAMED_INSTANCES), "…"] : known,
  });
};

const instanceNamed = (params: unknown): string | undefined => {
  if (typeof params !== "object" || params === null || !("instance" in params)) return undefined;
  return typeof params.instance === "string" ? params.instance : undefined;
};

const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(", ") : value;

/**
 * The way of every request of our own API up to its handler: role, then form, then whether the instance is one that the
 * caller may know of.
 *
 * @throws {AirfleetError} TOKEN_MISSING, FORBIDDEN, REQUEST_INVALID, INSTANCE_UNKNOWN
 */
export const openRequest = async <Route extends RouteDefinition>(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  { control, house }: Desk,
): Promise<RouteContext<Route>> => {
  const resource = `${request.method} ${request.url.split("?", 1)[0] ?? ""}`;
  const actor = await authorize(request.actor, { permission: route.permission, resource }, control.audit);
  const { params, query, body } = parseRequest(route, request);
  const named = instanceNamed(params);
  return {
    params: params as RouteContext<Route>["params"],
    query: query as RouteContext<Route>["query"],
    body: body as RouteContext<Route>["body"],
    actor,
    control,
    house,
    signal: abortWhenClientLeaves(reply),
    header: (name) => single(request.headers[name]),
    setHeader: (name, value) => void reply.header(name, value),
    setStatus: (status) => void reply.code(status),
    instance: named === undefined ? undefined : await findInstance(control, actor, named, route.permission),
  };
};
