import { ROUTES } from "@airfleet/contract";
import type { EventRequest } from "@airfleet/control";
import { AirfleetError, parseStateWords, type StateWords } from "@airfleet/model";
import { beginEventStream } from "../streams/event-stream.ts";
import type { BoundRoute, RouteContext } from "./bound-route.ts";
import { given } from "./given.ts";
import { openRequest } from "./open-request.ts";
import { listedInstances } from "./scope.ts";

type Context = RouteContext<typeof ROUTES.streamEvents>;

const refuse = (name: string, message: string): AirfleetError =>
  new AirfleetError(
    "REQUEST_INVALID",
    { summary: `${name}: ${message}` },
    { findings: [{ pointer: `/query/${name}`, message }] },
  );

const readWords = (text: string | undefined): StateWords | null => {
  if (text === undefined || text === "airfleet") return null;
  const words = parseStateWords(text);
  if ("mistake" in words) throw refuse("state_words", words.mistake);
  return words;
};

/** The header is what the browser's EventSource sends by itself when it comes back, so it is newer than the address. */
const readLastEventId = ({ header, query }: Context): number | undefined => {
  const text = header("last-event-id")?.trim() ?? "";
  if (text === "") return query.last_event_id;
  const id = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(id)) throw refuse("last_event_id", `"${text.slice(0, 40)}" is no id of an event; leave it out`);
  return id;
};

const toRequest = async (context: Context): Promise<EventRequest> => {
  const { query, control, actor } = context;
  if (query.subject_id !== undefined && query.subject_type === undefined) {
    throw refuse("subject_id", "it says nothing without subject_type");
  }
  const asked =
    query.instance === undefined ? undefined : await listedInstances(control, actor, query.instance, "event:read");
  const subject =
    query.subject_type === undefined ? undefined : { type: query.subject_type, ...given({ id: query.subject_id }) };
  return {
    filter: given({ kinds: query.kind, instances: asked, dagIds: query.dag_id, run: query.run, subject }),
    words: readWords(query.state_words),
    ...given({ after: readLastEventId(context), tail: query.tail }),
  };
};

const streamEvents: BoundRoute = {
  route: ROUTES.streamEvents,
  answer: async (request, reply, desk) => {
    const context = await openRequest(ROUTES.streamEvents, request, reply, desk);
    const wish = await toRequest(context);
    if (request.method === "HEAD") {
      void reply.type("text/event-stream; charset=utf-8").send("");
      return;
    }
    const { streams } = desk;
    streams.checkRoom();
    reply.hijack();
    const stream = beginEventStream(reply.raw, reply.getHeaders());
    streams.add(stream);
    const following = desk.control.events.follow(context.actor, wish, stream);
    const unwatch = streams.standing.watch(request.headers.authorization, () =>
      stream.end("the token is not valid any more"),
    );
    reply.raw.once("close", () => {
      unwatch();
      following.close();
      streams.remove(stream);
    });
  },
};

/** What happens, as it happens. */
export const eventRoutes = { streamEvents };
