import { addQuery, fillPath } from "./address.ts";
import type {
  CallInput,
  CallRouteId,
  EventSelection,
  ItemOf,
  PagedRouteId,
  PageOf,
  RouteAnswer,
} from "./call-types.ts";
import { followEvents, type FollowOptions, type StreamItem } from "./follow-events.ts";
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

type Method<Id extends CallRouteId> =
  Partial<CallInput<Id>> extends CallInput<Id>
    ? (input?: CallInput<Id>, options?: CallOptions) => RouteAnswer<Id>
    : (input: CallInput<Id>, options?: CallOptions) => RouteAnswer<Id>;

/** The HTTP API as functions: one per route, and two for lists. */
export type Client = { readonly [Id in CallRouteId]: Method<Id> } & {
  /**
   * What happens, each event once and in order, for as long as the loop goes on. A connection that breaks is made anew
   * and goes on where it was; when too much was missed, one item of kind `reset` says so, and what is shown has to be
   * read anew. Leaving the loop, or `options.signal`, ends it.
   *
   * @throws {AirfleetApiError} what the server refuses: a wrong filter, a token that is no longer good
   */
  events(selection?: EventSelection, options?: FollowOptions): AsyncGenerator<StreamItem, void>;
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
  const { streamEvents: _stream, ...calls } = ROUTE_TABLE;
  const methods = Object.fromEntries(Object.entries(calls).map(([id, route]) => [id, toMethod(sender, route)]));

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
  const events: Client["events"] = (selection = {}, follow = {}) =>
    followEvents(async ({ lastEventId, signal }) => {
      const query = lastEventId === undefined ? selection : { ...selection, last_event_id: lastEventId };
      const outgoing = toOutgoing(sender, ROUTE_TABLE.streamEvents, { query }, { signal });
      return { response: await send(sender, outgoing), url: outgoing.url };
    }, follow);
  // The table is generated from the routes whose types `Client` is made of, and a test holds the two equal.
  return { ...methods, pages, items, events } as unknown as Client;
};
