import { defineRoute } from "../route.ts";
import { EventQuery, EventView } from "../schemas/events.ts";

export const streamEvents = defineRoute({
  id: "streamEvents",
  method: "GET",
  path: "/api/v1/events",
  area: "Events",
  summary: "Follow what happens, as Server-Sent Events",
  description: [
    "Each event has no name of its own, its place in the one order as `id`, and the object below as `data`. `event: live` says that everything kept has been told. `event: reset` says that what came after `Last-Event-ID` is not kept any more: read anew what you show; the stream goes on with what happens from now on.",
    "A comment comes every 15 seconds. A client that is 64 KB behind is told `event: dropped` and cut off; it may come back with `Last-Event-ID` and misses nothing. A revoked token ends the stream within five seconds.",
  ].join("\n\n"),
  permission: "event:read",
  query: EventQuery,
  response: EventView,
  produces: "text/event-stream",
  errors: ["INSTANCE_UNKNOWN", "STREAMS_EXHAUSTED"],
  example: { query: { kind: "run.changed", instance: "eu-prod-1" } },
});
