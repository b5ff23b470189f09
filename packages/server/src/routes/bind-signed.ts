import type { RouteDefinition, RouteOutput } from "@airfleet/contract";
import type { Control } from "@airfleet/control";
import type { FastifyRequest } from "fastify";
import { isAirfleetError } from "@airfleet/model";
import type { RateLimits } from "../access/rate-limits.ts";
import { parseRequest } from "../http/parse-request.ts";
import type { BoundRoute } from "./bound-route.ts";

/** What a handler works with that has to find out by itself who sent it. */
export interface SignedRequest {
  readonly control: Control;
  readonly ip: string;
  /** The parsed body; nothing has looked at it yet. */
  readonly body: unknown;
  /** The body as it came. */
  readonly bytes: Uint8Array;
  readonly params: Readonly<Record<string, string>>;
  readonly header: (name: string) => string | undefined;
  /** What `Authorization: Bearer` carries; undefined without one, or with another scheme. */
  readonly token: string | undefined;
}

const readToken = (header: string | undefined): string | undefined => /^Bearer +(\S+)\s*$/i.exec(header ?? "")?.[1];

/**
 * Carries out what a signature has to allow. Refused ones are counted by address, as failed sign-ins are; whoever shows
 * a good signature comes in however many bad ones came from there.
 *
 * @throws {AirfleetError} RATE_LIMITED instead of a refusal, once there were too many
 */
export const countingRefusals = async <Value>(
  request: FastifyRequest,
  limits: RateLimits,
  carryOut: () => Promise<Value>,
): Promise<Value> => {
  try {
    return await carryOut();
  } catch (error) {
    if (isAirfleetError(error) && error.status === 401) {
      await limits.countFailure(request);
    }
    throw error;
  }
};

/** Binds a route that is opened by a signature over the body, which is read only after that was checked. */
export const bindSigned = <Route extends RouteDefinition>(
  route: Route,
  handle: (request: SignedRequest) => Promise<RouteOutput<Route>>,
): BoundRoute => ({
  route,
  answer: async (request, reply, { control, limits }) => {
    const { body: _, ...rest }: RouteDefinition = route;
    parseRequest(rest, { params: request.params, query: request.query, body: undefined });
    const answer = await countingRefusals(request, limits, () =>
      handle({
        control,
        ip: request.ip,
        body: request.body,
        bytes: request.bytes ?? new Uint8Array(),
        params: request.params as Readonly<Record<string, string>>,
        header: (name) => {
          const value = request.headers[name];
          return typeof value === "string" ? value : undefined;
        },
        token: readToken(request.headers.authorization),
      }),
    );
    void reply.code(route.status ?? 200).send(answer);
  },
});
