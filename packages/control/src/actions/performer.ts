import type { CallOptions, Engine } from "@airfleet/engine";
import type { ActionId, AirfleetError, Dag, Run, RunAddress } from "@airfleet/model";
import type { ActionIntent, ActionVerb, ActionWarning } from "./action.ts";
import type { Facts } from "./facts.ts";

/** The intent of one verb. */
export type IntentOf<Verb extends ActionVerb> = Extract<ActionIntent, { readonly verb: Verb }>;

/**
 * One attempt at an action, as its performer sees it.
 *
 * Before a write leaves, `send` notes in the store how things stood. Whoever takes the action over after a crash finds
 * that note as `earlier` and so knows that the write may have been carried out.
 */
export interface Attempt {
  /** What is being carried out, by whose wish, and since when (epoch milliseconds). */
  readonly action: { readonly id: ActionId; readonly actor: string; readonly createdAt: number };
  /** What an earlier attempt noted right before it sent the write; null when surely nothing was sent yet. */
  readonly earlier: Facts | null;
  /**
   * Since when the action's own time is over, epoch milliseconds; null while it is not. Nothing may be sent any more
   * then: only what became of what was sent can still be found out.
   */
  readonly expiredAt: number | null;
  /** Bounds of the next call: it ends when the caller stops waiting or the lease is lost, whichever comes first. */
  call(): CallOptions;
  /** Notes `before`, then sends. The only way in which a performer may write to an instance. */
  send<Answer>(before: Facts | null, write: (options: CallOptions) => Promise<Answer>): Promise<Answer>;
  /** Milliseconds that are left for this attempt. */
  remainingMs(): number;
  /** Waits between two readings; ends early when the attempt is aborted. */
  pause(delayMs: number): Promise<void>;
}

/** What an attempt achieved. */
export interface Outcome {
  /** Null where nothing could be, or need be, read before. */
  readonly before: Facts | null;
  /** Read back. */
  readonly after: Facts | null;
  readonly warnings?: readonly ActionWarning[];
  /** Read on the way: the fleet's list shows it at once, before the next poll. */
  readonly dag?: Dag;
  /** In the engine's own words. */
  readonly run?: Run;
  /** The attempt of `run` that ended because we said so: its failure is a cancellation. */
  readonly stopped?: true;
  /** The engine was found to have this run no more. */
  readonly gone?: RunAddress;
  /** It is not over: what was read is shown, and the action is taken up again after this time, in milliseconds. */
  readonly again?: { readonly afterMs: number };
  /** It has failed, although what `after` says came about. */
  readonly failure?: AirfleetError;
}

/**
 * Carries out one verb. It may be called again after a crash at any point, so it is idempotent or consults `earlier`,
 * and it believes a write only when it was read back.
 */
export type Performer<Verb extends ActionVerb> = (
  intent: IntentOf<Verb>,
  engine: Engine,
  attempt: Attempt,
) => Promise<Outcome>;
