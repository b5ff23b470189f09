import type { Actor } from "@airfleet/control";
import type { FastifyRequest } from "fastify";

/** Decides who a request comes from, before anything else looks at it. */
export interface Gatekeeper {
  /**
   * The actor; null when the caller proved nothing, which only public routes accept.
   *
   * @throws {AirfleetError} when the request may not come in at all
   */
  admit(request: FastifyRequest): Promise<Actor | null>;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; null for an anonymous caller. Set by the gatekeeper. */
    actor: Actor | null;
  }

  interface FastifyContextConfig {
    /** What is sent here proves by its signature whose it is; `Authorization` is no API token. */
    proof?: "signature" | undefined;
  }
}
