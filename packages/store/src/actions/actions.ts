import type { ActionId, InstanceId } from "@airfleet/model";
import { gatherWrites } from "../backend/gather-writes.ts";
import type { StoreContext } from "../context.ts";
import { fromCursor, type StorePage, toCursor, toPage } from "../paging/cursor.ts";
import type { JsonObject } from "../text/stored-json.ts";
import { type ActionState, type LeasedAction, type StoredAction, toAction } from "./action.ts";
import { type ActionOutcome, finishActions } from "./finish-action.ts";
import {
  type ClaimRequest,
  claimActions,
  findDueInstances,
  type LeaseReference,
  type ReleaseOptions,
  markActionSent,
  markTriggersSent,
  releaseAction,
  renewAction,
} from "./lease-actions.ts";
import { type NewAction, recordAction, type RecordedAction, type RecordOptions } from "./record-action.ts";

/** Which actions, newest first. */
export interface ActionQuery {
  readonly instances?: readonly InstanceId[] | readonly string[];
  readonly states?: readonly ActionState[];
  readonly verbs?: readonly string[];
  readonly limit: number;
  /** `next` of the page before, for the same query. */
  readonly after?: string;
}

/**
 * Durable writes: what was acknowledged as recorded is there after `kill -9` at any instant, and is carried out at least
 * once; what came of it is written exactly once, by the holder of the newest lease.
 */
export interface ActionRepository {
  record(action: NewAction, options?: RecordOptions): Promise<RecordedAction>;
  claim(request: ClaimRequest): Promise<readonly LeasedAction[]>;
  /** Instances for which `claim` may find something. */
  dueInstances(): Promise<readonly string[]>;
  /** False when the lease was lost: stop working on it. */
  renew(reference: LeaseReference, leaseMs: number): Promise<boolean>;
  /** To be called right before the engine is. False when the lease was lost: do not call. */
  markSent(reference: LeaseReference, before?: JsonObject): Promise<boolean>;
  /** The same for triggers that were claimed together, in one write. @returns Those whose lease still holds: call no others. */
  markTriggersSent(references: readonly LeaseReference[]): Promise<ReadonlySet<ActionId>>;
  release(reference: LeaseReference, options: ReleaseOptions): Promise<boolean>;
  /** Undefined when the lease was lost: nothing is written, and it is counted. */
  finish(outcome: ActionOutcome): Promise<StoredAction | undefined>;
  find(id: ActionId): Promise<StoredAction | undefined>;
  list(query: ActionQuery): Promise<StorePage<StoredAction>>;
  /** How many writes of lost leases this process had refused. */
  fencedCount(): number;
  /** Drops actions finished before this time (epoch milliseconds), a batch at a time. @returns How many. */
  sweep(before: number, batch?: number): Promise<number>;
}

/** Ends of actions that are written together at most. */
const ENDED_TOGETHER = 16;

export const createActionRepository = (context: StoreContext): ActionRepository => {
  const { db } = context;
  let fenced = 0;
  const finish = gatherWrites({
    write: (outcomes: readonly ActionOutcome[]) => finishActions(context, outcomes),
    keyOf: ({ id }) => id,
    largest: ENDED_TOGETHER,
  });

  /** Counts a refusal, and passes the answer on. */
  const counted = <T>(answer: T, isRefused: boolean): T => {
    if (isRefused) fenced += 1;
    return answer;
  };
  const held = async (answer: Promise<boolean>): Promise<boolean> => {
    const isHeld = await answer;
    return counted(isHeld, !isHeld);
  };

  return {
    record: (action, options) => recordAction(context, action, options),
    claim: (request) => claimActions(context, request),
    dueInstances: () => findDueInstances(context),
    renew: (reference, leaseMs) => held(renewAction(context, reference, leaseMs)),
    markSent: (reference, before) => held(markActionSent(context, reference, before)),
    async markTriggersSent(references) {
      const stillHeld = await markTriggersSent(context, references);
      fenced += references.length - stillHeld.size;
      return stillHeld;
    },
    release: (reference, options) => held(releaseAction(context, reference, options)),
    fencedCount: () => fenced,

    async finish(outcome) {
      const action = await finish(outcome);
      return counted(action, action === undefined);
    },

    async find(id) {
      const row = await db.selectFrom("actions").selectAll().where("id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : toAction(row);
    },

    async list({ limit, after, ...filter }) {
      const [before] = after === undefined ? [] : fromCursor("actions", filter, ["string"], after);
      const { instances, states, verbs } = filter;
      if ([instances, states, verbs].some((wanted) => wanted?.length === 0)) return { items: [], next: null };
      let rows = db
        .selectFrom("actions")
        .selectAll()
        .orderBy("id", "desc")
        .limit(limit + 1);
      if (before !== undefined) rows = rows.where("id", "<", String(before));
      if (instances !== undefined) rows = rows.where("instance_id", "in", instances);
      if (states !== undefined) rows = rows.where("state", "in", states);
      if (verbs !== undefined) rows = rows.where("verb", "in", verbs);
      const cursor = (last: { readonly id: string }): string => toCursor("actions", filter, [last.id]);
      return toPage(await rows.execute(), limit, { item: toAction, cursor });
    },

    async sweep(before, batch = 500) {
      const rows = await db.selectFrom("actions").select("id").where("finished_at", "<", before).limit(batch).execute();
      if (rows.length === 0) return 0;
      await db
        .deleteFrom("actions")
        .where(
          "id",
          "in",
          rows.map(({ id }) => id),
        )
        .execute();
      return rows.length;
    },
  };
};
