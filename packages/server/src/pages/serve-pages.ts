import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** Pictures may stand in our style sheets; everything else is a file of ours, and nothing is inline. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** Stands there while the interface was not built. */
const NOT_BUILT =
  "<!doctype html><meta charset=utf-8><title>Airfleet</title><p>The interface is not built. Run: npm run build -w packages/web. The API answers as always: see /openapi.json.</p>";

/** Where the built interface is: beside this package, in a checkout as well as installed. */
export const findPages = (): string | undefined => {
  try {
    return path.dirname(fileURLToPath(import.meta.resolve("@airfleet/web/app/index.html")));
  } catch {
    return undefined;
  }
};

const pathOf = (request: FastifyRequest): string => request.url.split("?", 1)[0] ?? "";

/**
 * Whether a person in a browser asks for a page: where no route of ours is, and at the root, which programs of the first
 * generation ask for JSON. What begins with `/api` is for programs alone.
 */
const wantsPage = (request: FastifyRequest): boolean => {
  if (request.method !== "GET" && request.method !== "HEAD") return false;
  if (!(request.headers.accept ?? "").includes("text/html")) return false;
  const asked = pathOf(request);
  return asked === "/" || (request.is404 && !/^\/(api|gateway|reports)(\/|$)/.test(asked));
};

/**
 * Serves the interface: its files, which never change under one name, and at every address of a page the same document.
 * Nothing of it is secret, so nobody has to prove anything for it; what it shows it asks of the API.
 */
export const servePages = async (app: FastifyInstance, root: string | undefined): Promise<void> => {
  const index = root === undefined ? undefined : path.join(root, "index.html");
  const page = index !== undefined && existsSync(index) ? readFileSync(index, "utf8") : NOT_BUILT;
  app.addHook("onRequest", async (request, reply) => {
    if (!wantsPage(request)) return;
    await reply
      .headers({ "content-security-policy": POLICY, "cache-control": "no-cache", vary: "accept" })
      .type("text/html; charset=utf-8")
      .send(page);
  });
  if (root === undefined || !existsSync(root)) return;
  await app.register(fastifyStatic, {
    root,
    index: false,
    wildcard: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, file) => {
      const isNamedByContent = file.includes(`${path.sep}assets${path.sep}`);
      reply.header("cache-control", isNamedByContent ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
};
