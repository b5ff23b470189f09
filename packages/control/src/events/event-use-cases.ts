import type { Actor } from "../actor.ts";
import type { EventFilter } from "./event-filter.ts";
import type { EventFollowing, EventHub, EventListener, FollowRequest } from "./event-hub.ts";

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

/** Says that somebody watches what a filter is about; the answer ends it. Undefined for a filter that is about too much. */
export type WatchFilter = (filter: EventFilter) => (() => void) | undefined;

interface EventPorts {
  readonly hub: EventHub;
  readonly watch: WatchFilter;
}

export const createEventUseCases = ({ hub, watch }: EventPorts): EventUseCases => ({
  size: () => hub.size(),
  follow({ instances }, request, listener) {
    const unwatch = watch(request.filter);
    const following = hub.follow({ ...request, scope: instances }, listener);
    return {
      close() {
        unwatch?.();
        following.close();
      },
    };
  },
});
