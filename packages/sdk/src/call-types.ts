import type { RouteId, RouteInput, RouteOutput, RouteRequest, ROUTES } from "@airfleet/contract";
import type { ROUTE_TABLE } from "./routes.gen.ts";

type Routes = typeof ROUTES;
type Table = typeof ROUTE_TABLE;

/** A query as people write it: numbers, booleans and lists stay what they are, and the SDK spells them. */
type QueryOf<Given, Parsed> = { readonly [Key in keyof Given]: Key extends keyof Parsed ? Parsed[Key] : never };

/** The three parts of a call; a part that the route does not have is `undefined`. */
interface Parts<Id extends RouteId> {
  readonly params: RouteInput<Routes[Id]>["params"];
  readonly query: RouteInput<Routes[Id]>["query"] extends undefined
    ? undefined
    : QueryOf<RouteInput<Routes[Id]>["query"], RouteRequest<Routes[Id]>["query"]>;
  readonly body: RouteInput<Routes[Id]>["body"];
}

/** A part in which nothing is needed may be left out. */
type IsOptional<Part> = Partial<Part> extends Part ? true : false;

/** What a route is called with: a part may be left out when nothing in it is needed. */
export type CallInput<Id extends RouteId> = {
  readonly [Part in keyof Parts<Id> as Parts<Id>[Part] extends undefined
    ? never
    : IsOptional<Parts<Id>[Part]> extends true
      ? never
      : Part]: Parts<Id>[Part];
} & {
  readonly [Part in keyof Parts<Id> as Parts<Id>[Part] extends undefined
    ? never
    : IsOptional<Parts<Id>[Part]> extends true
      ? Part
      : never]?: Parts<Id>[Part];
};

/** What a route answers: a value, or for streams one object per line. */
export type RouteAnswer<Id extends RouteId> = Table[Id] extends { readonly produces: "application/x-ndjson" }
  ? AsyncIterable<RouteOutput<Routes[Id]>>
  : Promise<RouteOutput<Routes[Id]>>;

/** Routes that are one call each; events without end are followed by `client.events` instead. */
export type CallRouteId = Exclude<RouteId, "streamEvents">;

/** Which events to follow, and from where on. */
export type EventSelection = Omit<NonNullable<CallInput<"streamEvents">["query"]>, "run"> & {
  /** Our id of a run. */
  readonly run?: string;
};

/** Routes that answer lists. */
export type PagedRouteId = {
  [Id in RouteId]: RouteOutput<Routes[Id]> extends { next_cursor: string | null } ? Id : never;
}[RouteId];

/** One page of a list. */
export type PageOf<Id extends PagedRouteId> = RouteOutput<Routes[Id]>;

/** One row of a list. */
export type ItemOf<Id extends PagedRouteId> = PageOf<Id> extends { items: (infer Item)[] } ? Item : never;
