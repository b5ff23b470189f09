import { type RouteOutput, ROLE_PERMISSIONS, ROUTES } from "@airfleet/contract";
import type { Actor } from "@airfleet/control";
import { readSessionCookie, toSessionCookie } from "../access/session-cookie.ts";
import { parseRequest } from "../http/parse-request.ts";
import { toInstantOrNull } from "../views/instants.ts";
import { countingRefusals } from "./bind-signed.ts";
import type { BoundRoute, RouteContext } from "./bound-route.ts";
import type { House } from "./house.ts";

type Session = RouteOutput<typeof ROUTES.getSession>;

const toSession = ({ authMode }: House, actor: Actor | null, expiresAt: number | null): Session => ({
  auth_mode: authMode,
  signed_in: actor !== null,
  actor: actor?.id ?? null,
  role: actor?.role ?? null,
  instances: [...(actor?.instances ?? [])],
  permissions: actor === null ? [] : [...ROLE_PERMISSIONS[actor.role]],
  expires_at: toInstantOrNull(expiresAt),
});

const createSession: BoundRoute = {
  route: ROUTES.createSession,
  answer: async (request, reply, { control, house, limits }) => {
    const { token } = parseRequest(ROUTES.createSession, request).body as RouteContext<
      typeof ROUTES.createSession
    >["body"];
    const { actor, session, expiresAt } = await countingRefusals(request, limits, () =>
      control.access.openSession(token),
    );
    const seconds = Math.floor((expiresAt - Date.now()) / 1_000);
    void reply
      .code(201)
      .header("set-cookie", toSessionCookie(request, session, seconds))
      .send(toSession(house, actor, expiresAt));
  },
};

const getSession: BoundRoute = {
  route: ROUTES.getSession,
  answer: async (request, reply, { control, house }) => {
    const expiresAt = control.access.readSession(readSessionCookie(request) ?? "")?.expiresAt ?? null;
    void reply.send(toSession(house, request.actor, request.actor === null ? null : expiresAt));
  },
};

const deleteSession: BoundRoute = {
  route: ROUTES.deleteSession,
  answer: async (request, reply) => {
    void reply
      .code(204)
      .header("set-cookie", toSessionCookie(request, "", 0))
      .send();
  },
};

/** Signing in and out of the pages. */
export const sessionRoutes = { getSession, createSession, deleteSession };
