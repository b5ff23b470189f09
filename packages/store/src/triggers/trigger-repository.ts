import type { ActionId, ErrorCode, SubjectRef, TriggerId, TriggerState } from "@airfleet/model";
import type { ActionWarning, LeasedAction } from "../actions/action.ts";
import type { NewAction, RecordOptions } from "../actions/record-action.ts";
import type { StorePage } from "../paging/cursor.ts";
import type { JsonObject } from "../text/stored-json.ts";
import type { RunPlace } from "../runs/run-key.ts";
import type { StoredTrigger, StoredTriggerAttempt } from "./trigger.ts";

/** What a trigger adds to its action. */
export interface NewTriggerFacts {
  readonly confHash: string;
  readonly subjects: readonly SubjectRef[];
}

/** An action of verb `run:trigger` with what its trigger adds. */
export type NewTrigger = NewAction & { readonly trigger: NewTriggerFacts };

/** An item of a request that was refused before anything was recorded. */
export interface RefusedItem {
  readonly position: number;
  readonly code: ErrorCode;
  readonly message: string;
}

/** One request for runs: recorded whole or not at all. */
export interface NewTriggerRequest {
  /** Caller and Idempotency-Key, hashed: the same scope is recorded once. */
  readonly scope: string | null;
  /** Tells the same request from another one under the same key. */
  readonly requestHash: string;
  readonly actor: string;
  /** Whatever the answer repeats: how instances were chosen. */
  readonly facts: JsonObject;
  readonly refused: readonly RefusedItem[];
  /** With their places in the answer, beside the refused ones. */
  readonly triggers: readonly { readonly position: number; readonly trigger: NewTrigger }[];
}

export interface StoredTriggerRequest {
  readonly id: string;
  readonly requestHash: string;
  readonly facts: JsonObject;
  readonly refused: readonly RefusedItem[];
  readonly createdAt: number;
}

export interface RecordedTriggerRequest {
  readonly request: StoredTriggerRequest;
  /** False: the scope was there already, and nothing was written. */
  readonly created: boolean;
  /** In the order of their places; dropped ones too. */
  readonly triggers: readonly StoredTrigger[];
  /** Those that were leased to the caller, as asked. */
  readonly leased: readonly LeasedAction[];
}

/** Which triggers, newest first. Times are epoch milliseconds, `from` included, `to` not. */
export interface TriggerQuery {
  readonly instances?: readonly string[];
  readonly dagIds?: readonly string[];
  readonly states?: readonly TriggerState[];
  readonly requestId?: string;
  readonly actor?: string;
  readonly subject?: Pick<SubjectRef, "type" | "id">;
  readonly created?: { readonly from?: number; readonly to?: number };
  readonly limit: number;
  readonly after?: string;
}

/** Who calls a trigger off. */
export interface CancelRequest {
  readonly id: TriggerId;
  readonly actor: string;
  readonly reason: { readonly code: ErrorCode; readonly message: string };
  readonly sourceIp?: string | null;
  readonly requestId?: string | null;
}

export interface TriggerRepository {
  /**
   * Writes the request with its triggers, their actions, audit rows, events and subjects: all of them are there
   * afterwards, or none. Two that bring one scope at the same time make one.
   */
  record(request: NewTriggerRequest, options?: RecordOptions): Promise<RecordedTriggerRequest>;
  /** What a scope stands for already. */
  findByScope(scope: string): Promise<Omit<RecordedTriggerRequest, "created" | "leased"> | undefined>;
  /** In the order of their places; dropped ones too. */
  ofRequest(requestId: string): Promise<readonly StoredTrigger[]>;
  /** Undefined also for one that was dropped. */
  find(id: TriggerId): Promise<StoredTrigger | undefined>;
  findByActions(ids: readonly ActionId[]): Promise<ReadonlyMap<ActionId, StoredTrigger>>;
  findByRun(place: RunPlace): Promise<StoredTrigger | undefined>;
  list(query: TriggerQuery): Promise<StorePage<StoredTrigger>>;
  /** Oldest first. */
  attempts(id: TriggerId): Promise<readonly StoredTriggerAttempt[]>;
  /**
   * Calls a trigger off if it certainly was not sent: not even a worker that holds it now can send it afterwards.
   * @returns The trigger as it is now, and whether this call cancelled it; undefined when there is none.
   */
  cancel(request: CancelRequest): Promise<{ readonly trigger: StoredTrigger; readonly cancelled: boolean } | undefined>;
  /** Accepted triggers whose runs should be looked at by now, longest due first. */
  listWatched(query: { readonly now: number; readonly limit: number }): Promise<readonly StoredTrigger[]>;
  /** Adds warnings that are not there yet, with an event, and says when to look again. */
  watch(
    id: TriggerId,
    change: { readonly lookAt: number | null; readonly warnings?: readonly ActionWarning[] },
  ): Promise<boolean>;
  /** Finished triggers that were not dropped yet, in order of their end. */
  listFinished(query: {
    readonly before: number;
    readonly limit: number;
    readonly after?: { readonly finishedAt: number; readonly id: TriggerId };
  }): Promise<readonly StoredTrigger[]>;
  /** Drops triggers with their attempts. Those that a key stands for stay as a name. @returns How many. */
  drop(ids: readonly TriggerId[]): Promise<number>;
  /** Forgets requests older than this (epoch milliseconds) whose triggers are all dropped, a batch at a time. */
  forgetRequests(before: number, batch?: number): Promise<number>;
}
