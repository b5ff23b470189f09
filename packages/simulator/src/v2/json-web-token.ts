import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { SECOND } from "../clock/instant.ts";
import type { Deployment } from "../world/deployment.ts";

const AUDIENCE = "apache-airflow";
const HEADER = Buffer.from(JSON.stringify({ alg: "HS512", typ: "JWT" })).toString("base64url");

const sign = (secret: string, content: string): string =>
  createHmac("sha512", secret).update(content).digest("base64url");

/** A token as Airflow 3 gives out: HS512 over subject, role and lifetime. */
export const issueToken = (
  { world, settings }: Deployment,
  user: { username: string; role?: string },
  lifetimeSeconds: number,
): string => {
  const now = Math.floor(world.clock.now() / SECOND);
  const claims = {
    sub: user.username,
    role: user.role ?? "admin",
    teams: [],
    jti: randomBytes(16).toString("hex"),
    aud: AUDIENCE,
    nbf: now,
    exp: now + lifetimeSeconds,
    iat: now,
  };
  const content = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
  return `${content}.${sign(settings.jwtSecret, content)}`;
};

export type TokenCheck =
  | { readonly kind: "ok"; readonly subject: string }
  | { readonly kind: "expired" }
  | { readonly kind: "invalid" };

/** Checks signature, audience and lifetime. */
export const checkToken = ({ world, settings }: Deployment, token: string): TokenCheck => {
  const [header, payload, signature, ...rest] = token.split(".");
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0)
    return { kind: "invalid" };
  const expected = Buffer.from(sign(settings.jwtSecret, `${header}.${payload}`));
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return { kind: "invalid" };
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as { sub: string; exp: number };
  return claims.exp <= world.clock.now() / SECOND ? { kind: "expired" } : { kind: "ok", subject: claims.sub };
};
