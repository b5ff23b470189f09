/** One event of a `text/event-stream`, as the HTML standard names its parts. */
export interface StreamedEvent {
  readonly type: string;
  readonly data: string;
  /** The id in force: of this event, or of the last that had one. */
  readonly id: string | undefined;
  /** Milliseconds that the server wants us to wait before we come back; undefined when it has not said. */
  readonly retryMs: number | undefined;
}

/** What a text may end a line with; a lone carriage return at the end of a chunk may be half of a pair. */
const LINE_END = /\r\n|\n|\r(?!$)/;

/**
 * Cuts chunks of text into events. Comments and blocks without data give nothing, but an id that they bring counts.
 *
 * @returns a function that takes a chunk and answers the events that it completes
 */
export const createEventReader = (): {
  readonly take: (chunk: string) => readonly StreamedEvent[];
  readonly lastId: () => string | undefined;
} => {
  let rest = "";
  let type = "";
  let data: string[] = [];
  let id: string | undefined;
  let pendingId: string | undefined;
  let retryMs: number | undefined;

  const dispatch = (): StreamedEvent | undefined => {
    id = pendingId ?? id;
    const event =
      data.length === 0 ? undefined : { type: type === "" ? "message" : type, data: data.join("\n"), id, retryMs };
    type = "";
    data = [];
    return event;
  };

  const field = (line: string): void => {
    const colon = line.indexOf(":");
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    switch (name) {
      case "event":
        type = value;
        break;
      case "data":
        data.push(value);
        break;
      case "id":
        if (!value.includes("\u0000")) pendingId = value;
        break;
      case "retry":
        if (/^\d+$/.test(value)) retryMs = Number(value);
        break;
      default:
      // The standard: what is not known is passed over.
    }
  };

  return {
    lastId: () => id,
    take(chunk) {
      const lines = (rest + chunk).split(LINE_END);
      rest = lines.pop() ?? "";
      const events: StreamedEvent[] = [];
      for (const line of lines) {
        if (line === "") {
          const event = dispatch();
          if (event !== undefined) events.push(event);
        } else if (!line.startsWith(":")) field(line);
      }
      return events;
    },
  };
};
