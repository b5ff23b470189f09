import type { Selectable } from "kysely";
import type { StoreContext } from "../context.ts";
import { type JsonObject, fromJson, textsFromJson } from "../text/stored-json.ts";
import { toStorableOrNull } from "../text/storable-text.ts";
import type { RuleApplicationTable } from "./rule-tables.ts";

export const RULE_APPLICATION_STATES = ["pending", "running", "done", "cancelled"] as const;
export type RuleApplicationState = (typeof RULE_APPLICATION_STATES)[number];

/** A rule as it was when the work was asked for. */
export interface AppliedRule {
  readonly id: string;
  readonly body: JsonObject;
}

/** Rules applied to runs that were stored before; goes on where it was after any interruption. Times are epoch milliseconds. */
export interface RuleApplication {
  readonly id: string;
  readonly state: RuleApplicationState;
  readonly actor: string;
  readonly rules: readonly AppliedRule[];
  /** Only runs of these; null for all. */
  readonly instances: readonly string[] | null;
  /** Where the next page of runs begins. */
  readonly position: string | null;
  readonly examinedRuns: number;
  readonly matchedRuns: number;
  /** Links that were not there before. */
  readonly addedSubjects: number;
  readonly failures: number;
  readonly lastError: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly finishedAt: number | null;
}

/** How far a page of runs has brought the work. */
export interface RuleApplicationProgress {
  readonly id: string;
  /** The position that the page began at: a worker whose page was done by another writes nothing. */
  readonly from: string | null;
  /** Null when all runs have been seen. */
  readonly next: string | null;
  readonly examinedRuns: number;
  readonly matchedRuns: number;
  readonly addedSubjects: number;
  readonly failures: number;
  readonly lastError: string | null;
}

export interface RuleApplicationRepository {
  create(work: {
    readonly actor: string;
    readonly rules: readonly AppliedRule[];
    readonly instances: readonly string[] | null;
  }): Promise<RuleApplication>;
  find(id: string): Promise<RuleApplication | undefined>;
  /** The newest first. */
  list(limit: number): Promise<readonly RuleApplication[]>;
  /** The oldest that is not finished. */
  next(): Promise<RuleApplication | undefined>;
  /** Writes down how far it has come. @returns false when it has been moved on or called off meanwhile. */
  advance(progress: RuleApplicationProgress): Promise<boolean>;
  /** Ends it where it is. @returns false when it was finished. */
  cancel(id: string): Promise<boolean>;
  /** Forgets those that ended before then. */
  sweep(finishedBefore: number): Promise<number>;
}

const fromRow = (row: Selectable<RuleApplicationTable>): RuleApplication => ({
  id: row.id,
  state: row.state as RuleApplicationState,
  actor: row.actor,
  rules: fromJson(row.rules) as readonly AppliedRule[],
  instances: row.instances === null ? null : textsFromJson(row.instances),
  position: row.position,
  examinedRuns: row.examined_runs,
  matchedRuns: row.matched_runs,
  addedSubjects: row.added_subjects,
  failures: row.failures,
  lastError: row.last_error,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  finishedAt: row.finished_at,
});

export const createRuleApplicationRepository = ({ db, clock, newId }: StoreContext): RuleApplicationRepository => ({
  async create({ actor, rules, instances }) {
    const now = clock();
    const row = await db
      .insertInto("rule_applications")
      .values({
        id: newId("rap"),
        state: "pending",
        actor,
        rules: JSON.stringify(rules),
        instances: instances === null ? null : JSON.stringify(instances),
        position: null,
        examined_runs: 0,
        matched_runs: 0,
        added_subjects: 0,
        failures: 0,
        last_error: null,
        created_at: now,
        updated_at: now,
        finished_at: null,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return fromRow(row);
  },

  async find(id) {
    const row = await db.selectFrom("rule_applications").selectAll().where("id", "=", id).executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  },

  async list(limit) {
    const rows = await db.selectFrom("rule_applications").selectAll().orderBy("id", "desc").limit(limit).execute();
    return rows.map(fromRow);
  },

  async next() {
    const row = await db
      .selectFrom("rule_applications")
      .selectAll()
      .where("finished_at", "is", null)
      .orderBy("id")
      .limit(1)
      .executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  },

  async advance({ id, from, next, lastError, ...counts }) {
    const now = clock();
    const { numUpdatedRows } = await db
      .updateTable("rule_applications")
      .set((eb) => ({
        state: next === null ? "done" : "running",
        position: next,
        examined_runs: eb("examined_runs", "+", counts.examinedRuns),
        matched_runs: eb("matched_runs", "+", counts.matchedRuns),
        added_subjects: eb("added_subjects", "+", counts.addedSubjects),
        failures: eb("failures", "+", counts.failures),
        updated_at: now,
        finished_at: next === null ? now : null,
        ...(lastError !== null && { last_error: toStorableOrNull(lastError) }),
      }))
      .where("id", "=", id)
      .where("finished_at", "is", null)
      .where("position", from === null ? "is" : "=", from)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  },

  async cancel(id) {
    const now = clock();
    const { numUpdatedRows } = await db
      .updateTable("rule_applications")
      .set({ state: "cancelled", finished_at: now, updated_at: now })
      .where("id", "=", id)
      .where("finished_at", "is", null)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  },

  async sweep(finishedBefore) {
    const { numDeletedRows } = await db
      .deleteFrom("rule_applications")
      .where("finished_at", "<", finishedBefore)
      .executeTakeFirst();
    return Number(numDeletedRows);
  },
});
