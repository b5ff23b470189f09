import type { Actor } from "../actor.ts";
import type { EventFollowing, EventHub, EventListener, FollowRequest } from "./event-hub.ts";
import type { WatchFilter } from "./watch-filter.ts";

/** What somebody asks for who wants to hear of events. */
export type EventRequest = Omit<FollowRequest, "scope">;

/** The events, as they happen. */
export interface EventUseCases {
  /**
   * Opens a stream: what is kept after `request.after`, then whatever happens, each event once and in order, of the
   * actor's instances only. A stream about one run, one subject or one DAG counts as somebody who watches it, so that
   * it is read more often while the stream is open.
   */
  follow(actor: Pick<Actor, "instances">, request: EventRequest, listener: EventListener): EventFollowing;
  /** Streams that are open in this process. */
  size(): number;
}

interface EventPorts {
  readonly hub: EventHub;
  readonly watch: WatchFilter;
}

export const createEventUseCases = ({ hub, watch }: EventPorts): EventUseCases => ({
  size: () => hub.size(),
  follow({ instances }, request, listener) {
    const { run, subject, instances: named, dagIds } = request.filter;
    const isNarrow = run !== undefined || subject?.id !== undefined || (named !== undefined && dagIds !== undefined);
    const watching = isNarrow ? watch(request.filter, instances) : undefined;
    const following = hub.follow(
      { ...request, scope: instances },
      {
        send(frames) {
          listener.send(frames);
          watching?.heard();
        },
        sendPaced: (frames) => listener.sendPaced(frames),
        end: () => listener.end(),
      },
    );
    return {
      close() {
        watching?.end();
        following.close();
      },
    };
  },
});
