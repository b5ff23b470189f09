import { toRunKey } from "@airfleet/model";
import type { EventRange, Store, StoredEvent } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { createLoop } from "../reconcilers/loop.ts";
import { type EventSelection, matchEvent, runOf, signatureOf } from "./event-filter.ts";
import { toEventFrame, toHeartbeat, toLiveFrame, toResetFrame } from "./event-frame.ts";

/** Where frames go to: one open stream. */
export interface EventListener {
  /** Sends at once. A listener that does not take it fast enough ends itself. */
  readonly send: (frames: Uint8Array) => void;
  /** Sends, and answers when the other side has taken it: for what is told from the store. */
  readonly sendPaced: (frames: Uint8Array) => Promise<void>;
  /** No more will come, as the server stops. */
  readonly end: () => void;
}

/** An open stream, until it is closed. */
export interface EventFollowing {
  close(): void;
}

export interface FollowRequest extends EventSelection {
  /** The last event that the listener has; absent: it begins with what happens from now on. */
  readonly after?: number;
  /** Begins so many events before the newest instead. */
  readonly tail?: number;
}

/** Reads the events once for all streams of this process and hands each its part. */
export interface EventHub {
  follow(request: FollowRequest, listener: EventListener): EventFollowing;
  /** Events were given their places: they are read at once. */
  wake(): void;
  /** Streams that are open. */
  size(): number;
  start(): void;
  /** Ends every stream. */
  stop(): Promise<void>;
}

interface HubPorts {
  readonly store: Pick<Store, "events" | "sharedByProcesses">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

interface Subscriber {
  readonly selection: EventSelection;
  readonly signature: string;
  readonly listener: EventListener;
  /** The last event that was told, or passed over. */
  at: number;
}

const PAGE = 500;
/** Comments often enough for proxies that end what is silent for half a minute. */
const HEARTBEAT_MS = 15_000;
/** On a shared store another process may be the one that sequences, and nobody wakes us. On our own we are woken. */
const POLL_MS = { shared: 75, own: 1_000 } as const;
/** Nobody listens. */
const NOBODY_MS = 60_000;
/** Writing to a thousand sockets costs about 15 ms, so events that come closer together share a round. */
const ROUND_MS = 20;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Where a stream begins. */
const startOf = ({ after, tail = 0 }: FollowRequest, { first, last }: EventRange): number =>
  after ?? Math.min(last, Math.max(first - 1, last - tail, 0));

export const createEventHub = ({ store, clock, logger, random }: HubPorts): EventHub => {
  /** Those that have all that was kept; the others still read from the store. */
  const subscribers = new Set<Subscriber>();
  const open = new Set<EventListener>();
  /** Everything up to here was handed out; undefined while nobody listens. */
  let position: number | undefined;
  let starting: Promise<number> | undefined;
  let lastRoundAt = 0;
  let isStopped = false;

  const isFor = async (event: StoredEvent, selection: EventSelection): Promise<boolean> => {
    const verdict = matchEvent(event, selection);
    if (verdict !== "ask") return verdict;
    const { type = "", id = "" } = selection.filter.subject ?? {};
    return store.events.isAbout(toRunKey(String(runOf(event))), { type, id });
  };

  const toFrames = async (
    events: readonly StoredEvent[],
    selection: EventSelection,
  ): Promise<Uint8Array | undefined> => {
    let text = "";
    for (const event of events) if (await isFor(event, selection)) text += toEventFrame(event, selection.words);
    return text === "" ? undefined : encode(text);
  };

  const startPosition = async (): Promise<number> => {
    const { last } = await store.events.range();
    position ??= last;
    loop.wake();
    return position;
  };

  const currentPosition = async (): Promise<number> => {
    if (position !== undefined) return position;
    starting ??= startPosition().finally(() => {
      starting = undefined;
    });
    return starting;
  };

  /** What each of them is to get; equal selections share it. */
  const toParts = (members: readonly Subscriber[], events: readonly StoredEvent[]) => {
    const first = events[0]?.seq ?? 0;
    const shared = new Map<string, Promise<Uint8Array | undefined>>();
    return Promise.all(
      members.map(({ selection, signature, at }) => {
        // Some of it was told from the store already, which was read ahead of us.
        const isAhead = at >= first;
        const part = isAhead ? undefined : shared.get(signature);
        if (part !== undefined) return part;
        const made = toFrames(isAhead ? events.filter(({ seq }) => seq > at) : events, selection);
        if (!isAhead) shared.set(signature, made);
        return made;
      }),
    );
  };

  const handOut = async (events: readonly StoredEvent[], before: number): Promise<void> => {
    const last = events.at(-1)?.seq ?? before;
    const members = [...subscribers];
    // Before anything is awaited: who joins meanwhile must have read these from the store.
    position = last;
    const parts = await toParts(members, events).catch((error: unknown) => {
      position = before;
      throw error;
    });
    for (const [index, member] of members.entries()) {
      const part = parts[index];
      member.at = Math.max(member.at, last);
      if (part !== undefined && subscribers.has(member)) member.listener.send(part);
    }
  };

  const loop = createLoop({
    name: "events",
    step: async () => {
      if (position === undefined) return NOBODY_MS;
      if (open.size === 0) {
        position = undefined;
        return NOBODY_MS;
      }
      const early = lastRoundAt + ROUND_MS - clock.now();
      if (early > 0 && early <= ROUND_MS) await new Promise<void>((resolve) => void clock.after(early, resolve));
      const events = await store.events.list({ after: position, limit: PAGE });
      if (events.length > 0) {
        lastRoundAt = clock.now();
        await handOut(events, position);
      }
      if (events.length === PAGE) return 0;
      return store.sharedByProcesses ? POLL_MS.shared : POLL_MS.own;
    },
    clock,
    logger,
    random,
  });

  /** Tells what is kept, page by page, until it meets the hub's position; joins there, with nothing awaited in between. */
  const catchUp = async (request: FollowRequest, member: Subscriber, isOpen: () => boolean): Promise<void> => {
    const { listener } = member;
    await currentPosition();
    let range = await store.events.range();
    const goal = range.last;
    member.at = startOf(request, range);
    while (isOpen()) {
      if (member.at < range.first - 1 || member.at > range.last) {
        await listener.sendPaced(encode(toResetFrame(range, member.at)));
        member.at = range.last;
      }
      if (member.at >= Math.max(goal, position ?? goal)) {
        if (isOpen()) subscribers.add(member);
        listener.send(encode(toLiveFrame(member.at)));
        return;
      }
      const reached = Math.max(goal, position ?? goal);
      const events = await store.events.list({ after: member.at, limit: PAGE });
      const frames = await toFrames(events, member.selection);
      if (frames !== undefined) await listener.sendPaced(frames);
      // None although there were some: retention took them meanwhile.
      member.at = events.at(-1)?.seq ?? reached;
      range = await store.events.range();
    }
  };

  let cancelBeat: (() => void) | undefined;
  const beat = (): void => {
    for (const { listener, at } of subscribers) listener.send(encode(toHeartbeat(at)));
    cancelBeat = clock.after(HEARTBEAT_MS, beat);
  };

  return {
    size: () => open.size,
    wake: () => {
      if (open.size > 0) loop.wake();
    },
    follow(request, listener) {
      if (isStopped) {
        listener.end();
        return { close: () => undefined };
      }
      const { filter, scope, words } = request;
      const selection = { filter, scope, words };
      const member: Subscriber = { selection, signature: signatureOf(selection), listener, at: 0 };
      open.add(listener);
      const close = (): void => {
        open.delete(listener);
        subscribers.delete(member);
      };
      catchUp(request, member, () => open.has(listener)).catch((error: unknown) => {
        logger.warn({ err: error }, "a stream of events broke off");
        close();
        listener.end();
      });
      return { close };
    },
    start() {
      loop.start();
      cancelBeat ??= clock.after(HEARTBEAT_MS, beat);
    },
    async stop() {
      isStopped = true;
      cancelBeat?.();
      const ending = [...open];
      open.clear();
      subscribers.clear();
      for (const listener of ending) listener.end();
      await loop.stop();
    },
  };
};
