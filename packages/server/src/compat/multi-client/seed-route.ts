import type { Permission } from "@airfleet/contract";
import type { Actor, FleetInstance, ReadOptions } from "@airfleet/control";
import type { Desk } from "../../routes/bound-route.ts";
import type { ClientResult } from "./envelope.ts";

/** Time that each client has, as the seed document promises. */
export const CLIENT_TIMEOUT_MS = 30_000;

/** What a route of the seed works with; the path's ids are decoded and not checked yet. */
export interface SeedContext extends Desk {
  readonly actor: Actor;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly header: (name: string) => string | undefined;
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal;
}

/** One client's part of the work. */
export type AskClient = (client: FleetInstance, options: Required<ReadOptions>) => Promise<ClientResult>;

/** What a fan-out answers around its results. */
export interface FanOutPlan {
  /** Keys after the counts. */
  readonly frame?: Readonly<Record<string, unknown>>;
  /** Keys before the counts: message, action, timestamp. */
  readonly heading?: Readonly<Record<string, unknown>>;
  readonly ask: AskClient;
  /** Another form than the envelope, for the status route. */
  readonly present?: (results: readonly ClientResult[], frame: Readonly<Record<string, unknown>>) => object;
}

interface SeedRouteBase {
  readonly method: "GET" | "POST" | "PATCH";
  readonly path: string;
  readonly permission: Permission | "public";
}

/** A route of the seed: answered by ourselves, or by the clients that `?clients=` selects. */
export type SeedRoute =
  | (SeedRouteBase & { readonly kind: "own"; readonly answer: (context: SeedContext) => object | string })
  | (SeedRouteBase & { readonly kind: "fan-out"; readonly plan: (context: SeedContext) => FanOutPlan });
