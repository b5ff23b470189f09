import { sql } from "kysely";
import type { StoreContext } from "../context.ts";
import { toStorableOrNull } from "../text/storable-text.ts";

/** What a subject rule has done. Times are epoch milliseconds. */
export interface RuleTally {
  /** Runs that it was about, each as often as it was looked at. */
  readonly matchedRuns: number;
  readonly subjects: number;
  readonly failures: number;
  readonly lastMatchedAt: number | null;
  readonly lastError: string | null;
  readonly lastErrorAt: number | null;
}

/** Counts of all servers together. */
export interface RuleTallyRepository {
  /** Adds what one server counted. */
  add(tallies: ReadonlyMap<string, RuleTally>): Promise<void>;
  list(): Promise<ReadonlyMap<string, RuleTally>>;
  /** A rule that was changed starts without its old error; one that was removed without anything. */
  forget(rule: string): Promise<void>;
}

export const createRuleTallyRepository = ({ db }: StoreContext): RuleTallyRepository => ({
  async add(tallies) {
    const rows = [...tallies].map(([rule, tally]) => ({
      rule_id: rule,
      matched_runs: tally.matchedRuns,
      subjects: tally.subjects,
      failures: tally.failures,
      last_matched_at: tally.lastMatchedAt,
      last_error: toStorableOrNull(tally.lastError),
      last_error_at: tally.lastErrorAt,
    }));
    if (rows.length === 0) return;
    await db
      .insertInto("rule_tallies")
      .values(rows)
      .onConflict((conflict) =>
        conflict.column("rule_id").doUpdateSet({
          matched_runs: sql<number>`rule_tallies.matched_runs + excluded.matched_runs`,
          subjects: sql<number>`rule_tallies.subjects + excluded.subjects`,
          failures: sql<number>`rule_tallies.failures + excluded.failures`,
          last_matched_at: sql<number>`coalesce(excluded.last_matched_at, rule_tallies.last_matched_at)`,
          last_error: sql<string>`coalesce(excluded.last_error, rule_tallies.last_error)`,
          last_error_at: sql<number>`coalesce(excluded.last_error_at, rule_tallies.last_error_at)`,
        }),
      )
      .execute();
  },

  async list() {
    const rows = await db.selectFrom("rule_tallies").selectAll().execute();
    return new Map(
      rows.map((row) => [
        row.rule_id,
        {
          matchedRuns: row.matched_runs,
          subjects: row.subjects,
          failures: row.failures,
          lastMatchedAt: row.last_matched_at,
          lastError: row.last_error,
          lastErrorAt: row.last_error_at,
        },
      ]),
    );
  },

  async forget(rule) {
    await db.deleteFrom("rule_tallies").where("rule_id", "=", rule).execute();
  },
});
