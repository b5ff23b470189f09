import { Readable } from "node:stream";
import type { RouteDefinition, RouteOutput } from "@airfleet/contract";
import { toCodedError } from "../http/to-coded-error.ts";
import type { BoundRoute, RouteContext } from "./bound-route.ts";
import { openRequest } from "./open-request.ts";

/** Lines are sent in blocks of about this size: one write per line would cost more than the line. */
const BLOCK_CHARACTERS = 16_384;

interface LineOptions<Line> {
  /** How a line reads in a text file; with it, `Accept: text/plain` is answered with one. */
  readonly toText?: (line: Line) => string;
}

type Spell<Line> = (line: Line) => string;

async function* toBlocks<Line>(
  first: IteratorResult<Line>,
  rest: AsyncIterator<Line>,
  spell: Spell<Line>,
): AsyncGenerator<string> {
  const isReady = createPatience();
  let block = "";
  for (let next = first; next.done !== true; ) {
    block += `${spell(next.value)}\n`;
    const following = rest.next();
    if (block.length >= BLOCK_CHARACTERS || !(await isReady(following))) {
      yield block;
      block = "";
    }
    next = await following;
  }
  if (block !== "") yield block;
}

const LATER = Symbol("later");

/**
 * Tells whether a line is there by the end of this turn of the event loop; when not, what we have should reach a reader
 * who follows the log. One timer serves all lines of a turn: with one for each, a long log costs a turn per line.
 */
const createPatience = (): ((following: Promise<unknown>) => Promise<boolean>) => {
  let turn: Promise<typeof LATER> | undefined;
  const endOfTurn = (): Promise<typeof LATER> => {
    turn ??= new Promise((resolve) => {
      setImmediate(() => {
        turn = undefined;
        resolve(LATER);
      });
    });
    return turn;
  };
  return async (following) => {
    const winner = await Promise.race([following.catch(() => undefined), endOfTurn()]);
    return winner !== LATER;
  };
};

/**
 * Binds a route that answers a JSON object per line as they come. The first line is read before anything is sent, so
 * that what is wrong from the start is still a problem; a failure later on cuts the answer short, visibly to the caller.
 * Lines are read only as fast as the caller takes them, and no longer than the caller stays.
 */
export const bindLines = <Route extends RouteDefinition>(
  route: Route,
  read: (context: RouteContext<Route>) => AsyncIterable<RouteOutput<Route>>,
  options: LineOptions<RouteOutput<Route>> = {},
): BoundRoute => ({
  route,
  answer: async (request, reply, desk) => {
    const context = await openRequest(route, request, reply, desk);
    const { toText } = options;
    const wantsText = toText !== undefined && /^\s*text\/plain\b/i.test(request.headers.accept ?? "");
    const spell: Spell<RouteOutput<Route>> = wantsText ? toText : (line) => JSON.stringify(line);
    reply.type(`${wantsText ? "text/plain" : "application/x-ndjson"}; charset=utf-8`).header("x-accel-buffering", "no");
    const lines = read(context)[Symbol.asyncIterator]();
    const first = await lines.next();
    if (request.method === "HEAD") {
      await lines.return?.();
      void reply.send("");
      return;
    }
    const body = Readable.from(toBlocks(first, lines, spell), { objectMode: false, highWaterMark: BLOCK_CHARACTERS });
    body.once("error", (error) => {
      if (!context.signal.aborted) request.log.warn({ err: toCodedError(error, request) }, "a log broke off");
    });
    body.once("close", () => void lines.return?.());
    void reply.send(body);
  },
});
