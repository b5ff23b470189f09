import type { ResolvedInstanceAuth, ResolvedInstanceConfig } from "@airfleet/model";

/** Takes an instance's secrets out of a text that came from outside. */
export type Scrub = (text: string) => string;

/** Shorter ones would blot out ordinary words, and are no secret. */
const SHORTEST = 4;
const MASK = "***";
/** A line of a PEM that says something about its key; armour and words are shorter or have dashes. */
const LEAST_KEY_LINE = 16;
/** A token of ours as servers may echo it: every request has another one. */
const SIGNED = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;

const authSecrets = (auth: ResolvedInstanceAuth): (string | undefined)[] => {
  switch (auth.type) {
    case "none":
      return [];
    case "basic":
    case "login": {
      const pair = Buffer.from(`${auth.username}:${auth.password}`).toString("base64");
      return [pair, auth.password, auth.username];
    }
    case "bearer":
      return [auth.token];
    case "exec":
      return [...Object.values(auth.env), ...auth.command.slice(1)];
    case "jwt":
      // A PEM may be quoted without its line breaks, or in part.
      return [auth.key, ...auth.key.split(/\s+/).filter((line) => line.length >= LEAST_KEY_LINE)];
    case "mwaa":
      return [auth.secret_access_key, auth.session_token, auth.access_key_id];
    default:
      return auth satisfies never;
  }
};

/**
 * Servers echo requests in error pages, proxies print headers, libraries quote their input. Every text from outside
 * that ends in an error of ours goes through here, as written, URL-encoded and JSON-escaped.
 */
export const createScrubber = (config: ResolvedInstanceConfig): Scrub => {
  const url = new URL(config.url);
  const secrets = [
    ...authSecrets(config.auth),
    ...Object.values(config.headers),
    config.tls.key,
    decodeURIComponent(url.password),
    url.username === "" ? undefined : decodeURIComponent(url.username),
  ].filter((secret): secret is string => secret !== undefined && secret.length >= SHORTEST);
  const written = new Set(
    secrets.flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]),
  );
  // Longest first: a secret that contains another one must not leave its rest behind.
  const ordered = [...written].sort((left, right) => right.length - left.length);
  const scrub: Scrub = (text) => ordered.reduce((rest, secret) => rest.replaceAll(secret, MASK), text);
  return config.auth.type === "jwt" ? (text) => scrub(text).replaceAll(SIGNED, MASK) : scrub;
};

/**
 * What was thrown below, as a cause that may be shown: name, code and message, scrubbed. The original is dropped since
 * HTTP libraries hang requests, with their headers, on their errors.
 */
export const toSafeCause = (error: unknown, scrub: Scrub): Error => {
  const original = error instanceof Error ? error : new Error(String(error));
  const safe = new Error(scrub(original.message));
  safe.name = original.name;
  safe.stack = scrub(original.stack ?? "");
  if ("code" in original && typeof original.code === "string") Object.assign(safe, { code: original.code });
  return safe;
};
