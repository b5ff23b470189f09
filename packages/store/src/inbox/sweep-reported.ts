import type { StoreContext } from "../context.ts";

/** Details of known runs stay, and are not looked at again and again: those that have just become old enough are. */
const LOOK_BACK_MS = 7 * 86_400_000;

/**
 * Drops what was reported of tasks before this time, and of runs that are not known; what was said of a known run goes
 * with it. A batch of each at a time. @returns How many; call again until 0.
 */
export const sweepReported = async ({ db }: StoreContext, before: number, batch: number): Promise<number> => {
  const details = await db
    .selectFrom("reported_details")
    .select("run_key")
    .where("received_at", "<", before)
    .where("received_at", ">=", before - LOOK_BACK_MS)
    .where((eb) =>
      eb.not(eb.exists(eb.selectFrom("runs").select("runs.id").whereRef("runs.key", "=", "reported_details.run_key"))),
    )
    .limit(batch)
    .execute();
  const tasks = await db
    .selectFrom("reported_tasks")
    .select("run_key")
    .where("received_at", "<", before)
    .limit(batch)
    .execute();
  const unknown = [...new Set(details.map(({ run_key }) => run_key))];
  const old = [...new Set(tasks.map(({ run_key }) => run_key))];
  if (unknown.length > 0) {
    await db.deleteFrom("reported_details").where("run_key", "in", unknown).where("received_at", "<", before).execute();
  }
  if (old.length > 0) {
    await db.deleteFrom("reported_tasks").where("run_key", "in", old).where("received_at", "<", before).execute();
  }
  return details.length + tasks.length;
};
