import { type RunKey, type RunState, type StateWords, toRunKey } from "@airfleet/model";
import type { JsonObject, Store, StoredEvent, StoredRun } from "@airfleet/store";
import { isInScope } from "../access/instance-scope.ts";
import { runPage } from "../fleet/engine-pages.ts";
import type { FleetInstance } from "../fleet/fleet-instance.ts";
import { fitMessage, type WebhookMessage } from "./fit-message.ts";
import { SUBJECTS_TOLD, summariseSubjects } from "./subject-summaries.ts";
import type { SendableWebhook } from "./webhook.ts";

type Reads = Pick<Store, "runs" | "subjects">;

const isState = (value: unknown, words: StateWords): value is RunState =>
  typeof value === "string" && Object.hasOwn(words, value);

/** The run as it is now; what the event says of it comes on top. */
const aboutRun = (run: StoredRun, fleet: readonly FleetInstance[], withConf: boolean): JsonObject => {
  const { read, heard, goneAt } = run.record;
  const instance = fleet.find(({ id }) => id === run.instance);
  return {
    type: read?.run.type ?? null,
    note: read?.run.note ?? null,
    ui_url: instance === undefined || instance.url === "" ? null : runPage(instance, run.record),
    due_at: new Date(run.dueAt).toISOString(),
    engine_gone_at: goneAt === null ? null : new Date(goneAt).toISOString(),
    ...(withConf && { conf: read?.run.conf ?? heard?.conf ?? null }),
  };
};

const readAbout = async (store: Reads, key: RunKey, fleet: readonly FleetInstance[], withConf: boolean) => {
  const run = await store.runs.find(key);
  if (run === undefined) return undefined;
  const { items } =
    run.subjectsTotal > run.subjects.length
      ? await store.runs.subjects({ key, limit: SUBJECTS_TOLD })
      : { items: run.subjects };
  return { facts: aboutRun(run, fleet, withConf), refs: items, total: run.subjectsTotal };
};

/** What a message says of an event beyond the event's own payload. */
const readMore = async (
  store: Reads,
  event: StoredEvent,
  { body, words }: SendableWebhook,
  fleet: readonly FleetInstance[],
): Promise<JsonObject> => {
  if (event.kind !== "run.changed") return {};
  const about = await readAbout(store, toRunKey(String(event.payload["id"])), fleet, body.include_conf);
  if (about === undefined) return {};
  const isWhole = body.instances.includes("*");
  const instances = isWhole ? undefined : fleet.map(({ id }) => id).filter((id) => isInScope(body, id));
  const subjects = await summariseSubjects(store, about.refs, { words, instances });
  return { ...about.facts, subjects, subjects_total: about.total };
};

/**
 * The message about an event, in a receiver's words. `sequence` rises from event to event, so that a receiver can drop
 * what comes late; the state is that of the event, all else as it stands when the message is made.
 *
 * @param fleet All instances.
 */
export const composeMessage = async (
  store: Reads,
  event: StoredEvent,
  webhook: SendableWebhook,
  fleet: readonly FleetInstance[],
): Promise<WebhookMessage> => {
  const { payload } = event;
  const at = new Date(event.at).toISOString();
  const { state } = payload;
  return fitMessage({
    type: event.kind,
    timestamp: at,
    data: {
      ...payload,
      ...(await readMore(store, event, webhook, fleet)),
      sequence: event.seq,
      instance: event.instance,
      dag_id: event.dagId,
      dag_run_id: event.runId,
      changed_at: at,
      ...(isState(state, webhook.words) && { state_word: webhook.words[state] }),
    },
  });
};
