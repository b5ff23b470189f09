import type { FastifyRequest } from "fastify";

const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(",") : value;

const isOwnOrigin = (origin: string, host: string, schemes: readonly string[]): boolean => {
  try {
    const from = new URL(origin);
    return from.host === new URL(`${from.protocol}//${host}`).host && schemes.includes(from.protocol);
  } catch {
    return false;
  }
};

/**
 * Browsers say in `Sec-Fetch-Site` where a request comes from: only our own pages and what a person typed pass; a link
 * or a form on another page does not, nor does another port of this machine (`same-site`). Older browsers still send
 * `Origin` with what could change something.
 *
 * @param schemes Under which our pages are reached: behind a proxy that speaks TLS also `https:`.
 */
export const isFromOwnPages = (request: FastifyRequest, schemes: readonly string[] = ["http:", "https:"]): boolean => {
  const site = single(request.headers["sec-fetch-site"]);
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  const { origin, host = "" } = request.headers;
  return origin === undefined || isOwnOrigin(origin, host, schemes);
};
