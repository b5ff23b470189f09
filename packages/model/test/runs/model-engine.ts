import { isTerminalRunState, type Run, type RunAddress, type RunObservation, type RunState } from "../../src/index.ts";

/** What happens to a run, and who looks. A step that makes no sense in the present state does nothing. */
export type EngineStep =
  | { readonly kind: "create" | "start" | "clear" | "stop" | "delete" }
  | { readonly kind: "finish"; readonly state: "success" | "failed"; readonly hollow: boolean }
  | { readonly kind: "mark"; readonly state: "success" | "failed" }
  | { readonly kind: "read"; readonly slowMs: number; readonly withTasks: boolean }
  | { readonly kind: "report"; readonly lateMs: number; readonly skewMs: number; readonly partial: boolean }
  | { readonly kind: "wait"; readonly ms: number };

/** One run of an engine that keeps to Airflow's rules, and what everybody says of it. */
export interface ModelEngine {
  take(step: EngineStep): void;
  /** A last reading, begun after everything. @returns what our record may then say: one thing, but for readings begun at once */
  settle(): readonly RunState[];
  observations(): readonly RunObservation[];
}

interface Life {
  state: "queued" | "running" | "success" | "failed";
  startedAt: string | null;
  endedAt: string | null;
  hollow: boolean;
}

/** The longest that a reading or a report is under way, and the worst clock. */
const LONGEST_MS = 100;

export const createModelEngine = (address: RunAddress): ModelEngine => {
  const observations: RunObservation[] = [];
  /** Beginnings of the attempts that we ended. */
  const stopped = new Set<string | null>();
  let now = 1_000_000;
  let life: Life | null = null;

  const instant = (): string => new Date(now).toISOString();

  const toRun = ({ state, startedAt, endedAt }: Life): Run => ({
    ...address,
    state,
    engineState: state,
    type: "manual",
    logicalDate: null,
    intervalStart: null,
    intervalEnd: null,
    runAfter: null,
    queuedAt: null,
    startedAt,
    endedAt,
    conf: {},
    note: null,
    triggeredBy: null,
    versionNumbers: [],
  });

  /** The answer is what the engine holds now; the call was begun earlier. */
  const look = (slowMs: number, withTasks: boolean): void => {
    const at = now - slowMs;
    if (life === null) {
      // Nobody looks for a run that nobody knows.
      if (observations.length > 0) observations.push({ ...address, kind: "gone", source: "poll", at });
      return;
    }
    const reading = { ...address, kind: "read", source: "poll", at, run: toRun(life) } as const;
    const seesTasks = withTasks && isTerminalRunState(life.state);
    observations.push(seesTasks ? { ...reading, hollow: life.hollow } : reading);
  };

  const report = (lateMs: number, skewMs: number, partial: boolean): void => {
    if (life === null) return;
    const at = now + lateMs + skewMs;
    observations.push({ ...address, kind: "heard", source: "report", at, state: life.state, partial });
  };

  const end = (known: Life, state: "success" | "failed", hollow = false): Life => ({
    ...known,
    hollow,
    state,
    endedAt: instant(),
  });

  /** Marking by hand does not begin an attempt: an attempt that we stopped and others fail again is the one we stopped. */
  const mark = (known: Life, state: "success" | "failed"): Life => ({ ...known, state, endedAt: instant() });

  const stop = (known: Life): Life => {
    const at = now;
    now += 1;
    observations.push({ ...address, kind: "stopped", source: "action", at, startedAt: known.startedAt });
    stopped.add(known.startedAt);
    const ended = end(known, "failed");
    // Whoever stops a run reads it back: so the newest attempt that was stopped is never older than the newest reading.
    now += 1;
    observations.push({ ...address, kind: "read", source: "action", at: now, run: toRun(ended) });
    return ended;
  };

  const next = (step: EngineStep, known: Life | null): Life | null => {
    switch (step.kind) {
      case "create":
        return known ?? { state: "queued", startedAt: null, endedAt: null, hollow: false };
      case "start":
        return known?.state === "queued" ? { ...known, state: "running", startedAt: instant() } : known;
      case "finish": {
        if (known?.state !== "running") return known;
        return end(known, step.state, step.hollow && step.state === "success");
      }
      case "mark":
        // A run that never began has no attempt to be told from another by.
        return known === null || known.startedAt === null ? known : mark(known, step.state);
      case "clear":
        if (known === null || !isTerminalRunState(known.state)) return known;
        return { state: "queued", startedAt: null, endedAt: null, hollow: false };
      case "stop":
        return known?.state === "running" ? stop(known) : known;
      case "delete":
        return null;
      case "read":
        look(step.slowMs, step.withTasks);
        return known;
      case "report":
        report(step.lateMs, step.skewMs, step.partial);
        return known;
      case "wait":
        now += step.ms;
        return known;
      default:
        return step satisfies never;
    }
  };

  /** What we may call the run after the engine has dropped it: how it was last known to have ended, else lost. */
  const afterDeletion = (): readonly RunState[] => {
    const readings = observations.filter((one) => one.kind === "read");
    const newest = Math.max(...readings.map(({ at }) => at), Number.NEGATIVE_INFINITY);
    const last = readings.filter(({ at }) => at === newest);
    const ends = last.flatMap(({ run }): readonly RunState[] => {
      if (!isTerminalRunState(run.state)) return [];
      if (run.state === "failed") return [stopped.has(run.startedAt) ? "cancelled" : "failed"];
      const hollow = readings.filter((one) => one.hollow === true).map((one) => one.run.startedAt ?? "");
      if (!hollow.includes(run.startedAt ?? "")) return [run.state];
      // Two readings that overlapped told of two hollow attempts: the newer one is remembered, whichever is shown.
      return hollow.some((startedAt) => startedAt > (run.startedAt ?? "")) ? ["failed", "success"] : ["failed"];
    });
    if (ends.length > 0) return ends;
    const said = observations.filter(
      (one) => one.kind === "heard" && isTerminalRunState(one.state) && one.at > newest,
    ) as readonly Extract<RunObservation, { kind: "heard" }>[];
    const lastSaid = Math.max(...said.map(({ at }) => at));
    return said.length === 0 ? ["lost"] : said.filter(({ at }) => at === lastSaid).map(({ state }) => state);
  };

  return {
    take(step) {
      // Nothing happens twice in one millisecond, so that "after" means something.
      now += 1;
      life = next(step, life);
    },

    settle() {
      now += 2 * LONGEST_MS;
      if (life === null) {
        observations.push({ ...address, kind: "gone", source: "poll", at: now });
        return afterDeletion();
      }
      look(0, true);
      if (life.state === "failed" && stopped.has(life.startedAt)) return ["cancelled"];
      return [life.state === "success" && life.hollow ? "failed" : life.state];
    },

    observations: () => observations,
  };
};
