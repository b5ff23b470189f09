import type { Engine } from "@airfleet/engine";
import type { Run, TaskInstance } from "@airfleet/model";
import type { InboxRepository, StopRepository, StoredStop, TriggerRepository } from "@airfleet/store";
import type { Facts } from "../actions/facts.ts";
import type { Attempt, IntentOf } from "../actions/performer.ts";
import type { Clock } from "../clock.ts";
import type { LookAtProcess } from "./local-process.ts";

/** How long a stop waits. */
export interface StopTerms {
  /** For signs that the processes are gone, in milliseconds. */
  readonly waitMs: number;
  /** Silence after which a process is presumed gone; undefined leaves it to what the engine is known for. */
  readonly presumeAfterMs: number | undefined;
}

/** What stopping a run needs besides the engine. */
export interface StopPorts {
  readonly stops: StopRepository;
  readonly triggers: TriggerRepository;
  readonly reportedTasks: InboxRepository["reportedTasks"];
  readonly lookAtProcess: LookAtProcess;
  readonly terms: (intent: IntentOf<"run:stop">) => StopTerms;
  readonly clock: Clock;
}

/** One attempt at stopping a run. */
export interface StopAttempt {
  readonly intent: IntentOf<"run:stop">;
  readonly engine: Engine;
  readonly attempt: Attempt;
  readonly ports: StopPorts;
}

/** Where a stop stands within an attempt. */
export interface StopState {
  readonly stop: StoredStop;
  /** As this attempt read it; null when it did not, or when the engine has it no more. */
  readonly run: Run | null;
  /** As this attempt read them; null when it did not. */
  readonly tasks: readonly TaskInstance[] | null;
  readonly before: Facts;
}
