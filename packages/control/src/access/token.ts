import type { ActorRole } from "../actor.ts";

/** An API token without its secret. Times are epoch milliseconds. */
export interface Token {
  readonly id: string;
  readonly name: string;
  readonly role: ActorRole;
  readonly instances: readonly string[];
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  readonly revokedAt: number | null;
}

export interface TokenRequest {
  readonly name: string;
  readonly role: ActorRole;
  readonly instances: readonly string[];
  /** Days until it expires. */
  readonly expiresInDays: number;
}

/** A new token with its secret, which is not kept. */
export interface IssuedToken extends Token {
  readonly plain: string;
}
