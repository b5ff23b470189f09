import { createHash, createHmac } from "node:crypto";
import type { NewAction, StoredAction } from "@airfleet/store";
import { toRunId } from "@airfleet/model";
import type { Actor } from "../actor.ts";
import { REDACTED } from "../audit/redact-secrets.ts";
import type { Action, ActionIntent, ActionVerb } from "./action.ts";
import type { IntentOf } from "./performer.ts";
import { redactConf } from "../triggers/redact-conf.ts";
import type { Redact } from "../triggers/secret-names.ts";
import type { Facts } from "./facts.ts";

/** What of an intent may be shown, in the API's names. */
const describeRequest = (intent: ActionIntent, redact: Redact): Facts => {
  switch (intent.verb) {
    case "dag:pause":
      return { is_paused: intent.paused };
    case "run:trigger":
      return {
        conf: redactConf(intent.conf, intent.secretConfKeys, (value) => redact(value, intent)),
        logical_date: intent.logicalDate ?? null,
        ...(intent.interval === undefined
          ? {}
          : { data_interval_start: intent.interval.start, data_interval_end: intent.interval.end }),
        ...(intent.runAfter === undefined ? {} : { run_after: intent.runAfter }),
        ...(intent.note === undefined ? {} : { note: intent.note }),
        ...(intent.unpause === true ? { unpause: true, accept_scheduled_run: intent.acceptScheduledRun === true } : {}),
      };
    case "run:clear":
      return {
        dry_run: intent.dryRun,
        only_failed: intent.onlyFailed,
        ...(intent.taskIds === undefined ? {} : { task_ids: intent.taskIds }),
      };
    case "run:set_state":
      return { state: intent.state };
    case "run:stop":
      return {
        ...(intent.waitSeconds === undefined ? {} : { timeout: intent.waitSeconds }),
        teardown: intent.teardown === true,
        delete: intent.delete === true,
      };
    case "run:delete":
    case "dag:delete":
      return {};
    case "task:set_state":
      return { state: intent.state, dry_run: intent.dryRun };
    case "config:write":
      return describeEntry(intent.entry);
    case "config:delete":
      return { kind: intent.kind, key: intent.key };
    default:
      return intent satisfies never;
  }
};

/** The fields of an entry that are no secret; of the others only that they were given. */
const describeEntry = (entry: Extract<ActionIntent, { readonly verb: "config:write" }>["entry"]): Facts => {
  switch (entry.kind) {
    case "variable":
      return { ...entry, value: REDACTED };
    case "connection": {
      const { password, extra, connType, ...open } = entry;
      return {
        ...open,
        conn_type: connType,
        ...(password === undefined ? {} : { password: REDACTED }),
        ...(extra === undefined ? {} : { extra: REDACTED }),
      };
    }
    case "pool":
      return { ...entry };
    default:
      return entry satisfies never;
  }
};

/** JSON in which equal values are equal texts, whatever the order of their keys. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );

/** Tells a conf from others when the conf itself is no longer kept. */
export const confHashOf = (conf: Facts): string => createHash("sha256").update(canonical(conf)).digest("base64url");

/** What was asked, under the key that only the caller knows: it tells two requests apart and gives nothing away. */
export const fingerprintOf = (intent: ActionIntent, key: string): string => {
  const { confirm: _, confirmed: __, ...asked } = intent;
  return createHmac("sha256", key).update(canonical(asked)).digest("base64url").slice(0, 22);
};

/** A stop that goes on is joined by whoever asks for the same: there is one at a time of a run and what is to become of it. */
const stopKeyOf = ({ verb, instance, dagId, runId, ...wish }: IntentOf<"run:stop">): string =>
  createHash("sha256")
    .update(JSON.stringify([verb, instance, dagId, runId, wish.teardown === true, wish.delete === true]))
    .digest("base64url");

/** One action per caller, verb, instance and key. */
const dedupeKeyOf = (intent: ActionIntent, actorId: string, key: string): string =>
  createHash("sha256")
    .update(JSON.stringify([actorId, intent.verb, intent.instance, key]))
    .digest("base64url");

const targetOf = (intent: ActionIntent): Pick<NewAction, "dagId" | "runId" | "taskId" | "mapIndex"> => {
  if (intent.verb === "config:write" || intent.verb === "config:delete") return {};
  const { dagId } = intent;
  if (intent.verb === "dag:pause" || intent.verb === "dag:delete") return { dagId };
  if (intent.verb === "run:trigger") return { dagId, runId: toRunId(intent.runId ?? "") };
  const { runId } = intent;
  return intent.verb === "task:set_state"
    ? { dagId, runId, taskId: intent.taskId, mapIndex: intent.mapIndex }
    : { dagId, runId };
};

interface RecordFacts {
  readonly actor: Actor;
  readonly redact: Redact;
  /** Epoch milliseconds. */
  readonly deadlineAt: number;
}

/** An intent as it is recorded: what may be shown in the open, the whole of it encrypted until the action has ended. */
export const toNewAction = (intent: ActionIntent, { actor, redact, deadlineAt }: RecordFacts): NewAction => {
  const key = intent.verb === "run:trigger" ? intent.idempotencyKey : undefined;
  const stopKey = intent.verb === "run:stop" ? stopKeyOf(intent) : undefined;
  return {
    verb: intent.verb,
    actor: actor.id,
    instance: intent.instance,
    ...targetOf(intent),
    request: {
      ...describeRequest(intent, redact),
      ...(key === undefined ? {} : { fingerprint: fingerprintOf(intent, key) }),
    },
    secret: { intent },
    ...(key === undefined ? {} : { dedupeKey: dedupeKeyOf(intent, actor.id, key) }),
    ...(stopKey === undefined ? {} : { dedupeKey: stopKey }),
    deadlineAt,
    sourceIp: actor.sourceIp,
    requestId: actor.requestId,
    ...(intent.verb === "run:trigger"
      ? { trigger: { confHash: confHashOf(intent.conf), subjects: intent.subjects ?? [] } }
      : {}),
  };
};

/** The intent of a leased action; written by ourselves, so its shape is taken for granted. */
export const toIntent = (secret: Readonly<Record<string, unknown>> | null): ActionIntent | undefined =>
  secret?.["intent"] as ActionIntent | undefined;

/** @param progress What is known so far of one that goes on. */
export const toAction = (stored: StoredAction, triggerId: string | null, progress: Facts | null = null): Action => ({
  id: stored.id,
  verb: stored.verb as ActionVerb,
  state: stored.state,
  actor: stored.actor,
  instance: stored.instance,
  dagId: stored.dagId,
  runId: stored.runId,
  taskId: stored.taskId,
  mapIndex: stored.mapIndex,
  request: stored.request,
  before: stored.before,
  after: stored.after ?? progress,
  warnings: stored.warnings,
  error: stored.error,
  attempts: stored.attempts,
  createdAt: stored.createdAt,
  finishedAt: stored.finishedAt,
  triggerId,
});
