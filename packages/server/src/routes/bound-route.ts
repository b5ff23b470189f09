import type { RouteDefinition, RouteRequest } from "@airfleet/contract";
import type { Actor, Control, FleetInstance } from "@airfleet/control";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { RateLimits } from "../access/rate-limits.ts";
import type { OpenStreams } from "../streams/open-streams.ts";
import type { House } from "./house.ts";
import type { KeptAnswers } from "./repeatable.ts";

/** What a handler works with. Params, query and body have passed the route's schemas. */
export interface RouteContext<Route extends RouteDefinition> {
  readonly params: RouteRequest<Route>["params"];
  readonly query: RouteRequest<Route>["query"];
  readonly body: RouteRequest<Route>["body"];
  readonly actor: Actor;
  readonly control: Control;
  readonly house: House;
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal;
  /** Header of the request. */
  readonly header: (name: string) => string | undefined;
  /** Sets a header of the answer. */
  readonly setHeader: (name: string, value: string) => void;
  /** Sets another success status than the route's own. */
  readonly setStatus: (status: number) => void;
  /** The instance that the path names; it has been checked that the actor may know of it. */
  readonly instance: FleetInstance | undefined;
}

/** A route of the contract with the code that answers it. */
export interface BoundRoute {
  readonly route: RouteDefinition;
  /** Sends the answer itself, or throws a coded error. */
  readonly answer: (request: FastifyRequest, reply: FastifyReply, desk: Desk) => Promise<void>;
}

/** What every handler shares. */
export interface Desk {
  readonly control: Control;
  readonly house: House;
  readonly kept: KeptAnswers;
  readonly streams: OpenStreams;
  readonly limits: RateLimits;
}
