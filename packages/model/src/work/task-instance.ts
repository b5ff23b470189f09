import type { DagId, RunId, TaskId } from "../ids.ts";
import type { TaskState } from "../states/task-state.ts";
import type { Instant } from "./dag.ts";

/** One task of one run as it stands, or one earlier try of it. */
export interface TaskInstance {
  readonly dagId: DagId;
  readonly runId: RunId;
  readonly taskId: TaskId;
  /** -1 when the task is not mapped. */
  readonly mapIndex: number;
  readonly displayName: string;
  readonly state: TaskState;
  /** The engine's own word; null where the engine has none. */
  readonly engineState: string | null;
  /** 1 for the first try; 0 when it never ran. */
  readonly tryNumber: number;
  readonly maxTries: number;
  readonly operator: string | null;
  readonly pool: string | null;
  readonly queue: string | null;
  readonly hostname: string | null;
  readonly pid: number | null;
  readonly queuedAt: Instant | null;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly durationSeconds: number | null;
  readonly note: string | null;
}
