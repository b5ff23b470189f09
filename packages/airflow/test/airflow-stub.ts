import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Engine } from "@airfleet/engine";
import { InstanceConfig, type InstanceConfigInput, resolveInstanceConfig } from "@airfleet/model";
import { type AirflowEngineOptions, createAirflowEngine } from "../src/index.ts";

export interface Seen {
  readonly method: string;
  /** The request target exactly as it was on the wire. */
  readonly target: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

type Handler = (request: Seen, response: ServerResponse) => void | Promise<void>;
/** A status and a body, or a function that writes the answer itself. */
export type Reply =
  | { readonly status?: number; readonly body?: unknown; readonly headers?: Record<string, string> }
  | Handler;

/** What the stub answers by `METHOD /path` (without root and query); a list is used up one by one, its last stays. */
export type Routes = Readonly<Record<string, Reply | readonly Reply[]>>;

export interface AirflowStub extends AsyncDisposable {
  readonly url: string;
  readonly seen: Seen[];
  /** What was asked besides version and login. */
  readonly calls: Seen[];
  route(name: string, reply: Reply | readonly Reply[]): void;
  readonly sockets: Set<Socket>;
}

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
};

export const reply = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void => {
  const isText = typeof body === "string";
  const text = isText ? body : JSON.stringify(body);
  response.writeHead(status, {
    "content-type": isText ? "text/html; charset=utf-8" : "application/json",
    "content-length": Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
};

/** A tiny server that answers as one generation of Airflow does where it matters, and as told elsewhere. */
export const startAirflowStub = async (
  generation: 2 | 3,
  routes: Routes = {},
  { version, idleMs }: { readonly version?: string; readonly idleMs?: number } = {},
): Promise<AirflowStub> => {
  const seen: Seen[] = [];
  const calls: Seen[] = [];
  const sockets = new Set<Socket>();
  const scripts = new Map<string, Reply[]>();
  const route: AirflowStub["route"] = (name, replies) =>
    void scripts.set(name, Array.isArray(replies) ? [...(replies as Reply[])] : [replies as Reply]);
  for (const [name, replies] of Object.entries(routes)) route(name, replies);
  const root = generation === 2 ? "/api/v1" : "/api/v2";
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const one: Seen = {
      method: request.method ?? "",
      target: request.url ?? "",
      headers: request.headers,
      body: await readBody(request),
    };
    seen.push(one);
    const path = one.target.split("?")[0] ?? "";
    if (path.endsWith("/version") && !scripts.has(`GET ${path.replace(root, "")}`)) {
      const isOwn = path === `${root}/version`;
      if (isOwn) reply(response, 200, { version: version ?? (generation === 2 ? "2.11.2" : "3.3.2"), git_version: "" });
      else if (generation === 2) reply(response, 404, "<!DOCTYPE html><title>Airflow 404</title>");
      else
        reply(response, 404, {
          error: "/api/v1 has been removed in Airflow 3, please use its upgraded version /api/v2 instead.",
        });
      return;
    }
    if (path === "/auth/token" && !scripts.has("POST /auth/token")) {
      reply(response, 201, { access_token: `token-${seen.length}` });
      return;
    }
    calls.push(one);
    const script =
      scripts.get(`${one.method} ${path.startsWith(root) ? path.slice(root.length) : path}`) ?? scripts.get("*");
    const next = script === undefined ? undefined : script.length > 1 ? script.shift() : script[0];
    if (next === undefined) reply(response, 404, { detail: `nothing at ${path}`, title: "Not Found", status: 404 });
    else if (typeof next === "function") await next(one, response);
    else reply(response, next.status ?? 200, next.body ?? {}, next.headers);
  };
  const server = createServer((request, response) => {
    // A handler that throws is a broken test: the client sees a reset.
    serve(request, response).catch(() => response.destroy());
  });
  if (idleMs !== undefined) server.keepAliveTimeout = idleMs;
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    calls,
    sockets,
    route,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

type Given = Partial<InstanceConfigInput> & { readonly options?: Omit<AirflowEngineOptions, "config"> };

/** An engine for this URL; user and password unless told otherwise. */
export const givenEngine = (url: string, { options, ...input }: Given = {}): Engine & AsyncDisposable => {
  const config = resolveInstanceConfig(
    InstanceConfig.parse({
      id: "x1",
      url,
      auth: { type: "basic", username: "admin", password: "correct horse" },
      ...input,
    }),
    () => "",
  );
  const engine = createAirflowEngine({ config, random: () => 0, ...options });
  return Object.assign(engine, { [Symbol.asyncDispose]: () => engine.close() });
};

/** The error that a call ends with; fails when it does not. */
export const errorOf = async (
  call: Promise<unknown>,
): Promise<Error & { code?: string; details?: Record<string, unknown> }> => {
  try {
    await call;
  } catch (error) {
    return error as Error;
  }
  throw new Error("the call was expected to fail, and did not");
};
