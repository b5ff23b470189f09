import type { AccessUseCases, Actor } from "@airfleet/control";
import { AirfleetError, isAirfleetError } from "@airfleet/model";
import type { FastifyRequest } from "fastify";
import { readBasicLogin } from "./basic-login.ts";
import type { Gatekeeper } from "./gatekeeper.ts";
import type { RateLimits } from "./rate-limits.ts";
import { sessionOf } from "./session-cookie.ts";

const readBearer = (header: string | undefined): string | undefined =>
  header === undefined ? undefined : /^Bearer +([^\s]{1,512})$/i.exec(header.trim())?.[1];

/**
 * `auth.mode: token`. Every request proves itself anew, so a revocation holds from the next request on. Failed attempts
 * are counted by address, the rest by actor. Behind a reverse proxy everybody has one address, so whoever shows a good
 * token comes in however many bad ones came from there.
 *
 * A browser shows its session cookie instead. One that is over, or whose token is no longer good, proves nothing: nobody
 * can make one up, so it is no failed attempt, and the page asks its reader to sign in.
 *
 * @param takesBasic Where a Basic login is taken too, with the token as its password: on surfaces whose clients know
 *   nothing else.
 */
export const createTokenGatekeeper = (
  access: Pick<AccessUseCases, "authenticate" | "readSession">,
  limits: RateLimits,
  takesBasic: (request: FastifyRequest) => boolean = () => false,
): Gatekeeper => {
  const welcome = async (request: FastifyRequest, actor: Actor): Promise<Actor> => {
    const known = { ...actor, sourceIp: request.ip, requestId: request.id };
    request.actor = known;
    await limits.countRequest(request);
    return known;
  };

  const admitSession = async (request: FastifyRequest): Promise<Actor | null> => {
    const session = access.readSession(sessionOf(request) ?? "");
    if (session === undefined) return null;
    try {
      const actor = await access.authenticate(session.plain);
      // Its streams end with the token, as those of whoever shows the token itself.
      request.headers.authorization = `Bearer ${session.plain}`;
      return await welcome(request, actor);
    } catch (error) {
      if (isAirfleetError(error) && error.status === 401) return null;
      throw error;
    }
  };

  return {
    async admit(request) {
      if (request.routeOptions.config.proof === "signature") return null;
      const header = request.headers.authorization;
      if (header === undefined) return admitSession(request);
      const refuse = async (error: unknown): Promise<never> => {
        await limits.countFailure(request);
        throw error;
      };
      const token = readBearer(header) ?? (takesBasic(request) ? readBasicLogin(header)?.password : undefined);
      if (token === undefined) return refuse(new AirfleetError("TOKEN_UNKNOWN"));
      return welcome(request, await access.authenticate(token).catch(refuse));
    },
  };
};
