/** Headers that prove who we are. */
export type AuthHeaders = Readonly<Record<string, string>>;

/** How an instance is told who we are. */
export interface Credentials {
  /** The headers to send; may cost a login or a command. */
  headers(signal: AbortSignal): Promise<AuthHeaders>;
  /** Told when the instance refused these headers. Whether others can be had, so that one more try makes sense. */
  renew(refused: AuthHeaders): boolean;
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
