import type { WireRequest } from "../transport/transport.ts";

/** Headers that prove who we are. */
export type AuthHeaders = Readonly<Record<string, string>>;

/** What a signature is about. */
export type SignedRequest = Pick<WireRequest, "method" | "root" | "path" | "query" | "body">;

/** A 401 or 403, as far as it tells something about credentials. */
export interface AuthRefusal {
  readonly status: number;
  /** Whether it says that the token is no good, rather than that its owner may not do this. */
  readonly isTokenRefused: boolean;
  /** The instance's clock as it answered: its `Date` header. */
  readonly date: string | undefined;
}

/** How an instance is told who we are. */
export interface Credentials {
  /** The headers to send; may cost a login or a command. */
  headers(signal: AbortSignal): Promise<AuthHeaders>;
  /** More headers for this one request. Asked for when it goes out, not when it begins to wait for its turn. */
  sign?(request: SignedRequest): Promise<AuthHeaders>;
  /** Told when the instance refused these headers. Whether others can be had, so that one more try makes sense. */
  renew(refused: AuthHeaders, refusal: AuthRefusal): boolean;
}

/** Credentials that are always the same: nothing, Basic, a fixed bearer token. */
export const createFixedCredentials = (headers: AuthHeaders): Credentials => {
  const answer = Promise.resolve(headers);
  return { headers: () => answer, renew: () => false };
};

/** `Authorization: Basic`, UTF-8 (RFC 7617). */
export const basicHeader = (username: string, password: string): AuthHeaders => ({
  authorization: `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`,
});

/** `Authorization: Bearer` (RFC 6750). */
export const bearerHeader = (token: string): AuthHeaders => ({ authorization: `Bearer ${token}` });
