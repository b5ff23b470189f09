import type { AccessUseCases } from "@airfleet/control";
import { AirfleetError } from "@airfleet/model";
import type { FastifyRequest } from "fastify";
import { readBasicLogin } from "./basic-login.ts";
import type { Gatekeeper } from "./gatekeeper.ts";
import type { RateLimits } from "./rate-limits.ts";

const readBearer = (header: string | undefined): string | undefined =>
  header === undefined ? undefined : /^Bearer +([^\s]{1,512})$/i.exec(header.trim())?.[1];

/**
 * `auth.mode: token`. Every request proves itself anew, so a revocation holds from the next request on. Failed attempts
 * are counted by address, the rest by actor. Behind a reverse proxy everybody has one address, so whoever shows a good
 * token comes in however many bad ones came from there.
 *
 * @param takesBasic Where a Basic login is taken too, with the token as its password: on surfaces whose clients know
 *   nothing else.
 */
export const createTokenGatekeeper = (
  access: Pick<AccessUseCases, "authenticate">,
  limits: RateLimits,
  takesBasic: (request: FastifyRequest) => boolean = () => false,
): Gatekeeper => ({
  async admit(request) {
    if (request.routeOptions.config.proof === "signature") return null;
    const header = request.headers.authorization;
    if (header === undefined) return null;
    const refuse = async (error: unknown): Promise<never> => {
      await limits.checkFailures(request);
      await limits.countFailure(request);
      throw error;
    };
    const token = readBearer(header) ?? (takesBasic(request) ? readBasicLogin(header)?.password : undefined);
    if (token === undefined) return refuse(new AirfleetError("TOKEN_UNKNOWN"));
    const actor = await access.authenticate(token).catch(refuse);
    const known = { ...actor, sourceIp: request.ip, requestId: request.id };
    request.actor = known;
    await limits.countRequest(request);
    return known;
  },
});
