import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type Problem,
  type RouteDefinition,
  type RouteId,
  type RouteOutput,
  type RouteRequest,
  ROUTES,
} from "@airfleet/contract";

/** What a handler is given: the request as the contract's schemas parsed it. */
export type Asked<Id extends RouteId> = RouteRequest<(typeof ROUTES)[Id]> & {
  readonly headers: IncomingMessage["headers"];
};
type Answer<Id extends RouteId> = RouteOutput<(typeof ROUTES)[Id]>;

/** Handlers by route; streams answer their lines. Throw a {@link Refusal} for an error. */
export type Handlers = {
  readonly [Id in RouteId]?: (asked: Asked<Id>) => Id extends "readLog" ? readonly Answer<Id>[] : Answer<Id>;
};

/** An error that a handler wants to answer. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly more: Partial<Problem>;
  constructor(status: number, code: string, detail: string, more: Partial<Problem> = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.more = more;
  }
}

export interface FakeServer extends AsyncDisposable {
  readonly url: string;
  /** Ids of the routes that were called, in order. */
  readonly calls: readonly string[];
  /** Headers of each call, in order. */
  readonly headers: readonly IncomingMessage["headers"][];
}

const compiled = Object.values(ROUTES).map((route: RouteDefinition) => ({
  route,
  pattern: new RegExp(`^${route.path.replaceAll(/\{([a-z_]+)\}/g, "(?<$1>[^/]+)")}$`),
}));

const find = (method: string, pathname: string) => {
  for (const { route, pattern } of compiled) {
    const groups = route.method === method ? pattern.exec(pathname)?.groups : undefined;
    if (groups !== undefined || (route.method === method && pattern.test(pathname))) {
      return {
        route,
        params: Object.fromEntries(
          Object.entries(groups ?? {}).map(([name, text]) => [name, decodeURIComponent(text)]),
        ),
      };
    }
  }
  return undefined;
};

const readBody = async (request: IncomingMessage): Promise<unknown> => {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text === "" ? undefined : JSON.parse(text);
};

const toProblem = ({ status, code, message, more }: Refusal): Problem => ({
  type: `urn:airfleet:error:${code}`,
  title: code,
  status,
  detail: message,
  code,
  request_id: "req-1",
  ...more,
});

/** A server that speaks the contract and nothing else: what it is asked and what it answers are both checked. */
export const startFakeServer = async (handlers: Handlers): Promise<FakeServer> => {
  const calls: string[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "http://fake");
    const found = find(request.method ?? "", url.pathname);
    if (found === undefined) throw new Refusal(404, "ROUTE_UNKNOWN", `nothing at ${request.method} ${url.pathname}`);
    const { route, params } = found;
    calls.push(route.id);
    headers.push(request.headers);
    const parse = (schema: RouteDefinition["body"], value: unknown): unknown => {
      const result = schema?.safeParse(value);
      if (result?.success === false) throw new Refusal(400, "REQUEST_INVALID", result.error.message);
      return result?.data;
    };
    const asked = {
      params: parse(route.params, params),
      query: parse(route.query, Object.fromEntries(url.searchParams)),
      body: parse(route.body, await readBody(request)),
      headers: request.headers,
    };
    const handler = handlers[route.id as RouteId] as ((asked: unknown) => unknown) | undefined;
    if (handler === undefined) throw new Refusal(500, "INTERNAL", `the test has no handler for ${route.id}`);
    const given = handler(asked);
    if (route.produces === "application/x-ndjson") {
      response.writeHead(200, { "content-type": route.produces });
      for (const line of given as readonly unknown[]) response.write(`${JSON.stringify(route.response.parse(line))}\n`);
      response.end();
      return;
    }
    const body = route.response.parse(given);
    response.writeHead(route.status ?? 200, { "content-type": "application/json" });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const refusal = error instanceof Refusal ? error : new Refusal(500, "INTERNAL", String(error));
      response.writeHead(refusal.status, { "content-type": "application/problem+json" });
      response.end(JSON.stringify(toProblem(refusal)));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    headers,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};
