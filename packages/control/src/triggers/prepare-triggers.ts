import { randomBytes } from "node:crypto";
import { AirfleetError, checkConf, toTriggerNote } from "@airfleet/model";
import type { NewTrigger, Store } from "@airfleet/store";
import type { ActionIntent } from "../actions/action.ts";
import { toNewAction } from "../actions/stored-intent.ts";
import type { Actor } from "../actor.ts";
import type { InstanceUseCases } from "../control.ts";
import { chooseTargets } from "./choose-targets.ts";
import { composeRunId } from "./compose-run-id.ts";
import type { Redact, SecretNames } from "./secret-names.ts";
import { PLACES_PER_ITEM, type TriggerAsk } from "./trigger.ts";

/** Triggers of one item, with their places in the answer. */
export type PreparedItem = readonly { readonly position: number; readonly trigger: NewTrigger }[];

interface PreparePorts {
  readonly store: Pick<Store, "dags">;
  readonly instances: Pick<InstanceUseCases, "list">;
  readonly redact: Redact;
  readonly secretNames: Pick<SecretNames, "learn">;
  readonly now: () => number;
  /** As {@link createIntentTimes} makes it. */
  readonly intentTime: () => number;
  readonly projectName: string | undefined;
  /** How long a trigger may be tried, in milliseconds, when it does not say. */
  readonly retryForMs: number;
}

export interface PrepareFacts {
  readonly actor: Actor;
  /** The item's own part of the idempotency key. */
  readonly key: string | undefined;
  /** Its place in the batch. */
  readonly index: number;
}

/**
 * Turns what is asked for into triggers that can be recorded: targets fixed, run id chosen, conf checked.
 *
 * @throws {AirfleetError} what `TriggerUseCases.request` names, before anything is recorded
 */
export const prepareTriggers = async (
  ask: TriggerAsk,
  { actor, key, index }: PrepareFacts,
  ports: PreparePorts,
): Promise<PreparedItem> => {
  const conf = checkConf(ask.conf);
  const atMs = ports.intentTime();
  const runId = composeRunId(ask, { actorId: actor.id, key, atMs, random: randomBytes(6) });
  const targets = await chooseTargets(ask, actor, ports);
  if (targets.length > PLACES_PER_ITEM) {
    throw new AirfleetError("TRIGGERS_TOO_MANY", { count: targets.length, limit: PLACES_PER_ITEM });
  }
  const note = toTriggerNote(ask.note, ports.projectName);
  const { dagId, secretConfKeys, subjects, logicalDate, interval, runAfter, unpause, acceptScheduledRun } = ask;
  if (secretConfKeys !== undefined) {
    await ports.secretNames.learn(
      targets.map((instance) => ({ instance, dagId })),
      secretConfKeys,
    );
  }
  const deadlineAt = ports.now() + (ask.expiresInMs ?? ports.retryForMs);
  return targets.map((instance, place) => {
    const intent: ActionIntent = {
      verb: "run:trigger",
      instance,
      dagId,
      conf,
      runId,
      ...(secretConfKeys === undefined ? {} : { secretConfKeys }),
      ...(subjects === undefined ? {} : { subjects }),
      ...(note === undefined ? {} : { note }),
      ...(logicalDate === undefined ? {} : { logicalDate }),
      ...(interval === undefined ? {} : { interval }),
      ...(runAfter === undefined ? {} : { runAfter }),
      ...(unpause === undefined ? {} : { unpause }),
      ...(acceptScheduledRun === undefined ? {} : { acceptScheduledRun }),
    };
    return {
      position: index * PLACES_PER_ITEM + place,
      trigger: toNewTrigger(intent, { actor, redact: ports.redact, deadlineAt }),
    };
  });
};

const toNewTrigger = (intent: ActionIntent, facts: Parameters<typeof toNewAction>[1]): NewTrigger => {
  const { trigger, ...action } = toNewAction(intent, facts);
  if (trigger === undefined) throw new AirfleetError("INTERNAL", { request_id: facts.actor.requestId ?? "(none)" });
  return { ...action, trigger };
};
