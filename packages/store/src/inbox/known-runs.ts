import { type RunKey, type RunState, TERMINAL_RUN_STATES, toRunKey } from "@airfleet/model";
import { inChunks } from "../backend/chunks.ts";
import type { StoreContext } from "../context.ts";

/** As much of a run as decides what a report can tell of it. */
export interface KnownRun {
  readonly key: RunKey;
  readonly state: RunState;
  /** By the instance's clock, epoch milliseconds; 0 for a run that was only heard of. */
  readonly readAt: number;
  /** An action of ours is ending it, and has not read back yet how it ended. */
  readonly isBeingStopped: boolean;
}

/** What reports meet. */
export interface KnownRunRepository {
  /** Those of these runs that are known, in no order. */
  list(runs: readonly RunKey[]): Promise<readonly KnownRun[]>;
  /** Those of these runs that had ended at some time, whatever became of them since. */
  endedBefore(runs: readonly RunKey[]): Promise<ReadonlySet<RunKey>>;
}

const CHUNK = 500;
/** Stages of a stop that has told the engine to end the run, and not us that it ended. */
const STOPPING = ["sending", "settling"];

export const createKnownRunRepository = ({ db }: StoreContext): KnownRunRepository => ({
  async list(runs) {
    const known: KnownRun[] = [];
    for (const chunk of inChunks(runs, CHUNK)) {
      const rows = await db.selectFrom("runs").select(["key", "state", "read_at"]).where("key", "in", chunk).execute();
      const stops = await db
        .selectFrom("stops")
        .select("run_key")
        .where("run_key", "in", chunk)
        .where("stage", "in", STOPPING)
        .execute();
      const stopping = new Set(stops.map(({ run_key }) => run_key));
      for (const row of rows) {
        known.push({
          key: toRunKey(row.key),
          state: row.state as RunState,
          readAt: row.read_at,
          isBeingStopped: stopping.has(row.key),
        });
      }
    }
    return known;
  },

  async endedBefore(runs) {
    const ended = new Set<RunKey>();
    for (const chunk of inChunks(runs, CHUNK)) {
      const rows = await db
        .selectFrom("runs")
        .select("key")
        .where("key", "in", chunk)
        .where((eb) =>
          eb.exists(
            eb
              .selectFrom("observations")
              .select("observations.number")
              .whereRef("observations.run_pk", "=", "runs.id")
              .where("observations.state", "in", TERMINAL_RUN_STATES),
          ),
        )
        .execute();
      for (const { key } of rows) ended.add(toRunKey(key));
    }
    return ended;
  },
});
