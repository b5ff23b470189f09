import type { ProcessTrace } from "@airfleet/engine";
import type { GoneProof, StoppedTask } from "@airfleet/model";

/** What one look at a stopped task brought. */
export interface TaskSigns {
  /** When the task's own process reported that it ends; epoch milliseconds. */
  readonly reportedEndAt: number | null;
  /** Null when its log could not be read, or was not looked at. */
  readonly trace: ProcessTrace | null;
  /** Its process, where it can be looked at from here. */
  readonly local: { readonly state: "alive" | "gone" | "unknown"; readonly process: string | null };
  /** The engine itself still says that it runs. */
  readonly isRunning: boolean;
}

interface Terms {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Silence after which a process is presumed gone. */
  readonly presumeAfterMs: number;
}

/** When a line of the log was written, by the worker's clock, where that is credible. */
const lineTime = ({ at }: ProcessTrace, { lastSignAt }: StoppedTask, now: number): number => {
  const time = at === null ? Number.NaN : Date.parse(at);
  return time >= lastSignAt && time <= now ? time : now;
};

const findProof = (task: StoppedTask, { reportedEndAt, trace, local }: TaskSigns, now: number): GoneProof | null => {
  if (local.state === "gone") return { kind: "confirmed", by: "same_host_pid", at: now, detail: null };
  // A process that we see live has only said that it is about to end.
  if (local.state === "alive") return null;
  if (trace?.kind === "ended") {
    return { kind: "confirmed", by: "log_end", at: lineTime(trace, task, now), detail: trace.line };
  }
  return reportedEndAt === null ? null : { kind: "confirmed", by: "listener", at: reportedEndAt, detail: null };
};

/**
 * A stopped task after one more look. What is confirmed stays so. Silence is believed only where nothing says that the
 * process lives: not while the engine calls the task running, while we see its pid, while its log grows, or after its
 * supervisor has written that it ends it and before it has written that it saw it gone.
 */
export const judgeTask = (task: StoppedTask, signs: TaskSigns, { now, presumeAfterMs }: Terms): StoppedTask => {
  if (task.gone?.kind === "confirmed") return task;
  const { trace, local, isRunning } = signs;
  const proof = findProof(task, signs, now);
  const isEnding = trace === null ? task.isEnding : trace.kind === "ending";
  const grows = trace !== null && task.logLines !== null && trace.lines > task.logLines;
  const isAlive = local.state === "alive" || isRunning;
  const lastSignAt = isAlive || grows ? now : task.lastSignAt;
  const silentMs = now - lastSignAt;
  const isPresumed = !isAlive && !isEnding && silentMs >= presumeAfterMs;
  return {
    ...task,
    isEnding,
    lastSignAt,
    seenProcess: local.process ?? task.seenProcess,
    logLines: trace?.lines ?? task.logLines,
    gone: proof ?? (isPresumed ? (task.gone ?? { kind: "presumed", at: now, silentMs }) : null),
  };
};
