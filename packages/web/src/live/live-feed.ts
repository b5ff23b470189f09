import type { StreamItem } from "@airfleet/sdk";
import type { QueryClient } from "@tanstack/react-query";
import { client, toFailing } from "../client/client.ts";

/** How the stream of events stands. `heardAt` is when the server last said anything, epoch milliseconds. */
export interface LiveState {
  readonly status: "connecting" | "live" | "off";
  readonly heardAt: number;
  /** Seconds from what happened to its being here, as of the last event. */
  readonly delaySeconds: number | null;
}

/** Which queries an event makes old, by the first word of its kind. */
const TOUCHES: Readonly<Record<string, readonly string[]>> = {
  run: ["overview", "matrix", "runs", "run"],
  dag: ["overview", "matrix", "dags", "dag"],
  instance: ["overview", "matrix", "instances"],
  trigger: ["triggers", "runs"],
  action: ["actions"],
  subject: ["subjects"],
};

/** Reading again at most so often, however many events come: a board of thousands of cells is one read. */
const GATHER_MS = 400;

/**
 * Follows the server's events and says to the queries which of their answers are old. What is on the page is read again,
 * the rest when somebody looks.
 */
export const followLive = (queries: QueryClient, onState: (change: Partial<LiveState>) => void): (() => void) => {
  const leaving = new AbortController();
  const touched = new Set<string>();
  let timer: number | undefined;

  const readAgain = (): void => {
    timer = undefined;
    const names = [...touched];
    touched.clear();
    for (const name of names) void queries.invalidateQueries({ queryKey: [name] });
  };
  const touch = (names: readonly string[]): void => {
    for (const name of names) touched.add(name);
    timer ??= window.setTimeout(readAgain, GATHER_MS);
  };

  const take = (item: StreamItem): void => {
    if (item.kind === "reset") {
      void queries.invalidateQueries();
      return;
    }
    const at = "at" in item ? Date.parse(item.at) : Number.NaN;
    if (!Number.isNaN(at)) onState({ delaySeconds: Math.max(0, (Date.now() - at) / 1_000) });
    touch(TOUCHES[item.kind.split(".", 1)[0] ?? ""] ?? []);
  };

  const follow = async (): Promise<void> => {
    try {
      const stream = client.events(
        {},
        {
          signal: leaving.signal,
          onHeard: () => onState({ status: "live", heardAt: Date.now() }),
          onReconnect: () => onState({ status: "off" }),
        },
      );
      for await (const item of stream) take(item);
    } catch (error) {
      if (leaving.signal.aborted) return;
      onState({ status: "off" });
      if (toFailing(error) === "signed-out") void queries.invalidateQueries({ queryKey: ["session"] });
    }
  };
  void follow();
  return () => {
    leaving.abort();
    window.clearTimeout(timer);
  };
};
