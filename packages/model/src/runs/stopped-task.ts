import type { TaskId } from "../ids.ts";
import type { TaskState } from "../states/task-state.ts";

/**
 * By what it is known that the process of a stopped task is gone.
 *
 *  - `listener`: the task's own process reported its end.
 *  - `log_end`: its supervisor wrote into the log of the try that it saw the process gone.
 *  - `same_host_pid`: it ran on this host, where we saw it live, and it does not any more.
 */
export const GONE_BY = ["listener", "log_end", "same_host_pid"] as const;
export type GoneBy = (typeof GONE_BY)[number];

/** `presumed`: no sign of life for as long as the instance's setting says. */
export const PROCESS_GONE = ["alive", "confirmed", "presumed"] as const;
export type ProcessGone = (typeof PROCESS_GONE)[number];

/** That a process is gone. Times are epoch milliseconds by our clock. */
export type GoneProof =
  | { readonly kind: "confirmed"; readonly by: GoneBy; readonly at: number; readonly detail: string | null }
  | { readonly kind: "presumed"; readonly at: number; readonly silentMs: number };

/** A task that had a process when its run was stopped, and what is known of that process since. */
export interface StoppedTask {
  readonly taskId: TaskId;
  readonly mapIndex: number;
  readonly tryNumber: number;
  /** As it was when the stop began. */
  readonly stateBefore: TaskState;
  readonly hostname: string | null;
  readonly pid: number | null;
  /** Null while nothing shows that it is gone. */
  readonly gone: GoneProof | null;
  /** When it last showed that it lives: at the latest when the run was stopped, or the task's own end before that. */
  readonly lastSignAt: number;
  /** Its supervisor has begun to end it: until it is seen gone, silence proves nothing. */
  readonly isEnding: boolean;
  /** Tells the process itself from a later one of the same pid, once it was seen on this host. */
  readonly seenProcess: string | null;
  /** Lines of its log at the last look; null while none could be read. */
  readonly logLines: number | null;
}
