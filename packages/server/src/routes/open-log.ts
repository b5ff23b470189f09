import type { LogWish } from "@airfleet/control";
import type { LogLine } from "@airfleet/model";
import { AirfleetError } from "@airfleet/model";
import type { RouteRequest, ROUTES } from "@airfleet/contract";
import { toInstant } from "../views/instants.ts";
import type { RouteContext } from "./bound-route.ts";
import { given } from "./given.ts";

type LogRoute = typeof ROUTES.readLog | typeof ROUTES.readFleetRunLog;
type LogQuery = RouteRequest<LogRoute>["query"];

const CONTRADICTION = "tail: the end of a log that is still followed is not known; leave follow or tail";

/**
 * The lines of a log, with headers that say where they come from. Both routes of logs answer alike: from the engine, or
 * from the archive when it has the log no more.
 */
export async function* openLog(
  { control, setHeader, signal }: Pick<RouteContext<LogRoute>, "control" | "setHeader" | "signal">,
  place: Pick<LogWish, "instance" | "dagId" | "runId" | "taskId">,
  query: LogQuery,
): AsyncGenerator<LogLine> {
  if (query.follow && query.tail !== undefined) throw new AirfleetError("REQUEST_INVALID", { summary: CONTRADICTION });
  const wish: LogWish = {
    ...place,
    mapIndex: query.map_index,
    follow: query.follow,
    offset: query.offset,
    ...given({ tryNumber: query.try_number, tail: query.tail }),
  };
  const { source, archivedAt, tryNumber, lines } = await control.logs.open(wish, signal);
  setHeader("airfleet-log-source", source);
  if (archivedAt !== null) setHeader("airfleet-log-archived-at", toInstant(archivedAt));
  if (tryNumber !== null) setHeader("airfleet-log-try", String(tryNumber));
  yield* lines;
}
