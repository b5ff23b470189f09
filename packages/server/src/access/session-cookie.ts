import type { FastifyRequest } from "fastify";
import { isFromOwnPages } from "./own-pages.ts";

const NAME = "airfleet_session";

/** What the browser sent as our cookie. */
export const readSessionCookie = (request: FastifyRequest): string | undefined => {
  const { cookie } = request.headers;
  if (cookie === undefined) return undefined;
  const found = cookie.split(/; */).find((part) => part.startsWith(`${NAME}=`));
  return found?.slice(NAME.length + 1);
};

/** We speak HTTP; whoever speaks TLS in front of us says so. */
const isSecure = (request: FastifyRequest): boolean => request.headers["x-forwarded-proto"] === "https";

/** The `Set-Cookie` of a session, or of its end. */
export const toSessionCookie = (request: FastifyRequest, session: string, maxAgeSeconds: number): string =>
  [
    `${NAME}=${session}`,
    "Path=/",
    "HttpOnly",
    "SameSite=Strict",
    `Max-Age=${maxAgeSeconds}`,
    ...(isSecure(request) ? ["Secure"] : []),
  ].join("; ");

/** A cookie is sent by itself, so it proves something only for requests that our own pages have made. */
export const sessionOf = (request: FastifyRequest): string | undefined => {
  const session = readSessionCookie(request);
  return session !== undefined && isFromOwnPages(request) ? session : undefined;
};
