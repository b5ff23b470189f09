import type { Deadline } from "@airfleet/http";
import type { Api } from "../api.ts";
import { eventsDocument, type RunEvent } from "../documents/logs.ts";

const EVENTS_PER_CALL = 1_000;

/** A run's events from a place on, all pages, and the place behind them. */
export const readEvents = async (
  api: Api,
  runId: string,
  from: string | null,
  deadline: Deadline,
): Promise<{ readonly events: readonly RunEvent[]; readonly after: string | null }> => {
  const events: RunEvent[] = [];
  let after = from;
  for (;;) {
    const { logsForRun: page } = await api.graphql.ask(
      eventsDocument,
      { runId, after, limit: EVENTS_PER_CALL },
      deadline,
    );
    if (page.events === undefined) throw api.graphql.refusal(eventsDocument, page);
    events.push(...page.events);
    after = page.cursor ?? after;
    if (page.hasMore !== true) return { events, after };
  }
};
