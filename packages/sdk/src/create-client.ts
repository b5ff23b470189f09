import type { RouteId } from "@airfleet/contract";
import { addQuery, fillPath } from "./address.ts";
import type { CallInput, ItemOf, PagedRouteId, PageOf, RouteAnswer } from "./call-types.ts";
import { readJson, readLines } from "./read-answer.ts";
import { ROUTE_TABLE } from "./routes.gen.ts";
import { type Exchange, type Outgoing, send, type Sender } from "./send.ts";

export interface ClientOptions {
  /** Where the server is, such as `http://127.0.0.1:3000`. A path prefix is kept. */
  readonly baseUrl: string | URL;
  /** API token; needed unless the server's auth.mode is local. */
  readonly token?: string | undefined;
  /** Another fetch than the global one. */
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds until an answer must begin. Default 60,000. */
  readonly timeoutMs?: number | undefined;
  /** Told of every request after it was answered. */
  readonly onExchange?: ((exchange: Exchange) => void) | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Instead of the client's. */
  readonly timeoutMs?: number | undefined;
  /** The version that is changed: a row's `version`, or an ETag as it was read. */
  readonly ifMatch?: number | string | undefined;
  /** The same key always means the same write: it happens once, however often it is sent. */
  readonly idempotencyKey?: string | undefined;
  /** How long the server may work on a write before it answers with what there is: seconds, or not at all. */
  readonly prefer?: { readonly wait: number } | "respond-async" | undefined;
}

type Method<Id extends RouteId> =
  Partial<CallInput<Id>> extends CallInput<Id>
    ? (input?: CallInput<Id>, options?: CallOptions) => RouteAnswer<Id>
    : (input: CallInput<Id>, options?: CallOptions) => RouteAnswer<Id>;

/** The HTTP API as functions: one per route, and two for lists. */
export type Client = { readonly [Id in RouteId]: Method<Id> } & {
  /** Every page of a list, following its cursor. */
  pages<Id extends PagedRouteId>(id: Id, input: CallInput<Id>, options?: CallOptions): AsyncGenerator<PageOf<Id>>;
  /** Every row of a list, over all its pages. */
  items<Id extends PagedRouteId>(id: Id, input: CallInput<Id>, options?: CallOptions): AsyncGenerator<ItemOf<Id>>;
};

/** Longer than the 25 seconds that the server may wait for a write, and than one instance's 30. */
const TIMEOUT_MS = 60_000;

interface AnyInput {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

interface AnyRoute {
  readonly method: string;
  readonly path: string;
  readonly hasBody?: true;
  readonly produces?: string;
}

const toETag = (version: number | string): string => (typeof version === "number" ? `"${version}"` : version);

const toOutgoing = (sender: Sender, route: AnyRoute, input: AnyInput, options: CallOptions): Outgoing => {
  const prefix = sender.baseUrl.pathname.replace(/\/+$/, "");
  const url = new URL(`${prefix}${fillPath(route.path, input.params ?? {})}`, sender.baseUrl);
  addQuery(url, input.query ?? {});
  const headers = new Headers({ accept: `${route.produces ?? "application/json"}, application/problem+json` });
  if (sender.token !== undefined) headers.set("authorization", `Bearer ${sender.token}`);
  if (route.hasBody === true) headers.set("content-type", "application/json");
  if (options.ifMatch !== undefined) headers.set("if-match", toETag(options.ifMatch));
  if (options.idempotencyKey !== undefined) headers.set("idempotency-key", options.idempotencyKey);
  if (options.prefer !== undefined) {
    headers.set("prefer", options.prefer === "respond-async" ? "respond-async" : `wait=${options.prefer.wait}`);
  }
  return {
    method: route.method,
    url,
    headers,
    body: route.hasBody === true ? (input.body ?? {}) : undefined,
    timeoutMs: options.timeoutMs ?? sender.timeoutMs,
    signal: options.signal,
  };
};

const toMethod = (sender: Sender, route: AnyRoute) => {
  async function* stream(input: AnyInput, options: CallOptions): AsyncGenerator {
    const outgoing = toOutgoing(sender, route, input, options);
    yield* readLines(await send(sender, outgoing), outgoing.url);
  }
  const call = async (input: AnyInput, options: CallOptions): Promise<unknown> => {
    const outgoing = toOutgoing(sender, route, input, options);
    return readJson(await send(sender, outgoing), outgoing.url);
  };
  const act = route.produces === "application/x-ndjson" ? stream : call;
  return (input: AnyInput = {}, options: CallOptions = {}) => act(input, options);
};

/**
 * A client of one Airfleet server, for Node and browsers. Inputs and answers have the types of the contract; nothing is
 * validated here, since the server does so. Calls throw {@link AirfleetApiError} and {@link AirfleetConnectionError}.
 */
export const createClient = (options: ClientOptions): Client => {
  const sender: Sender = {
    baseUrl: new URL(options.baseUrl),
    token: options.token,
    fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    onExchange: options.onExchange,
  };
  const methods = Object.fromEntries(Object.entries(ROUTE_TABLE).map(([id, route]) => [id, toMethod(sender, route)]));

  async function* pages(id: string, input: AnyInput, call?: CallOptions): AsyncGenerator {
    let cursor: unknown = input.query?.["cursor"];
    do {
      const query = cursor === undefined ? input.query : { ...input.query, cursor };
      const page = (await methods[id]?.({ ...input, ...(query === undefined ? {} : { query }) }, call)) as {
        readonly next_cursor: string | null;
      };
      yield page;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }
  async function* items(id: string, input: AnyInput, call?: CallOptions): AsyncGenerator {
    for await (const page of pages(id, input, call)) yield* (page as { readonly items: readonly unknown[] }).items;
  }
  // The table is generated from the routes whose types `Client` is made of, and a test holds the two equal.
  return { ...methods, pages, items } as unknown as Client;
};
