import type { EventRecord } from "./house-records.ts";
import { uniqueNow, type World } from "./world.ts";

/** How many rows of the audit log an instance keeps. */
const KEPT_EVENTS = 5000;

export type EventFields = Partial<Omit<EventRecord, "id" | "at">> & { readonly event: string; readonly owner: string };

/** Adds a row to the audit log. */
export const recordEvent = (world: World, fields: EventFields): void => {
  world.events.push({
    id: world.ids.event++,
    at: uniqueNow(world),
    dagId: null,
    taskId: null,
    runId: null,
    mapIndex: null,
    tryNumber: null,
    extra: null,
    ...fields,
  });
  if (world.events.length > KEPT_EVENTS * 1.1) world.events.splice(0, world.events.length - KEPT_EVENTS);
};
