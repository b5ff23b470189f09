import type { DagId, InstanceId, SubjectRef } from "@airfleet/model";
import type {
  RefusedItem,
  StoredRun,
  StoredTrigger,
  StoredTriggerAttempt,
  StorePage,
  TriggerQuery,
} from "@airfleet/store";
import type { Actor } from "../actor.ts";

/** Runs of one DAG that are asked for, on one or more instances. Dates are RFC 3339 with a zone. */
export interface TriggerAsk {
  /** Either these, or `selector`. */
  readonly instances?: readonly string[];
  readonly selector?: string;
  readonly dagId: DagId;
  /** Whatever the caller sent; only an object is taken. */
  readonly conf: unknown;
  /** Keys of the conf, at any depth, whose values our records must not show. */
  readonly secretConfKeys?: readonly string[];
  readonly subjects?: readonly SubjectRef[];
  readonly note?: string;
  readonly logicalDate?: string;
  readonly interval?: { readonly start: string; readonly end: string };
  readonly runAfter?: string;
  readonly runId?: string;
  /** Begins the run id; the time of the intent follows. */
  readonly runIdPrefix?: string;
  /** Writes the prefix's slashes as colons, as the fifth seed does. */
  readonly mapSlashes?: boolean;
  readonly unpause?: boolean;
  readonly acceptScheduledRun?: boolean;
  /** After this many milliseconds it is given up; the server's own limit when absent. */
  readonly expiresInMs?: number;
}

/** Who asks, and how the request is recognised when it comes again. */
export interface TriggerTerms {
  readonly actor: Actor;
  /** `Idempotency-Key`. */
  readonly key?: string;
  /** The body as it was sent, to tell the same request from another one under the same key. */
  readonly body: unknown;
}

/** A request for runs as recorded. */
export interface TriggerTicket {
  readonly requestId: string;
  /** It was recorded before; nothing was done this time. */
  readonly isReplay: boolean;
  /** In the order they were asked for. */
  readonly triggers: readonly StoredTrigger[];
  /** Items of a batch that were refused, by their place in it. */
  readonly refused: readonly RefusedItem[];
}

/** What waiting for a trigger means: its end, or the end of its run as well. */
export type TriggerGoal = "accepted" | "finished";

/** Asking for runs, durably. */
export interface TriggerUseCases {
  /**
   * Records the triggers of one request, all or none, and sees to it that they are sent.
   *
   * @throws INSTANCE_UNKNOWN, INSTANCE_DISABLED, SELECTOR_INVALID, TRIGGER_TARGETS_NONE, TRIGGERS_TOO_MANY,
   *   CONF_UNUSABLE, RUN_ID_INVALID, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_KEY_OUTSTANDING; nothing is recorded then
   */
  request(ask: TriggerAsk, terms: TriggerTerms): Promise<TriggerTicket>;
  /** The same for many: an item that is refused does not stop the others. @throws the last three */
  requestMany(
    asks: readonly (TriggerAsk | { readonly refused: Omit<RefusedItem, "position"> })[],
    terms: TriggerTerms,
  ): Promise<TriggerTicket>;
  /** Waits until all have reached the goal, at most so long, and answers them as they stand then. */
  settle(
    ticket: TriggerTicket,
    wait: { readonly goal: TriggerGoal; readonly withinMs: number; readonly signal?: AbortSignal },
  ): Promise<TriggerTicket>;
  /** @throws TRIGGER_UNKNOWN also for one on an instance out of sight */
  get(id: string, actor: Actor): Promise<StoredTrigger>;
  attempts(trigger: StoredTrigger): Promise<readonly StoredTriggerAttempt[]>;
  list(query: TriggerQuery): Promise<StorePage<StoredTrigger>>;
  /** The runs that are known of these triggers. */
  runsOf(triggers: readonly StoredTrigger[]): Promise<ReadonlyMap<StoredTrigger["id"], StoredRun>>;
  /** Calls it off. @throws TRIGGER_UNKNOWN, TRIGGER_SENDING, TRIGGER_FINISHED */
  cancel(id: string, actor: Actor): Promise<StoredTrigger>;
}

/** Where an item of a batch stands in it: each item has this many places for its triggers. */
export const PLACES_PER_ITEM = 1_000;

/** Instances that a trigger goes to. */
export type Targets = readonly InstanceId[];
