import { type RawBuilder, sql } from "kysely";
import type { Clock } from "../clock.ts";

/** The databases that a store may live in. */
export const BACKENDS = ["sqlite", "postgres"] as const;
export type BackendName = (typeof BACKENDS)[number];

/** Everything in which the two databases differ for us; queries and migrations ask here and nowhere else. */
export interface BackendProfile {
  readonly name: BackendName;
  /** Column type of ids, texts and JSON. Ordered by bytes on both, so that a cursor means the same. */
  readonly text: string;
  /** Column type of times (epoch milliseconds), counters and flags (0 or 1). */
  readonly integer: string;
  /** Ends a `create table`. */
  readonly tableEnd: string;
  /** Ends a `create table` whose rows are small and read in the order of the primary key. */
  readonly clusteredTableEnd: string;
  /** The time that leases are measured by. */
  readonly now: (clock: Clock) => RawBuilder<number>;
  /** Locks the rows of a select until the transaction ends; SQLite's writer has the database for itself anyway. */
  readonly forUpdate: RawBuilder<unknown>;
  /** The same, passing over rows that somebody else has locked. */
  readonly forUpdateSkipLocked: RawBuilder<unknown>;
  /** Whether `needle` is part of `column`, exactly; no wildcards to escape. */
  readonly contains: (column: RawBuilder<string>, needle: string) => RawBuilder<boolean>;
  /** Several server processes may use one store. */
  readonly sharedByProcesses: boolean;
}

/** The one table of differences. */
export const PROFILES: Readonly<Record<BackendName, BackendProfile>> = {
  sqlite: {
    name: "sqlite",
    text: "text",
    integer: "integer",
    tableEnd: "strict",
    clusteredTableEnd: "strict, without rowid",
    now: (clock) => sql<number>`${clock()}`,
    forUpdate: sql``,
    forUpdateSkipLocked: sql``,
    contains: (column, needle) => sql<boolean>`instr(${column}, ${needle}) > 0`,
    sharedByProcesses: false,
  },
  postgres: {
    name: "postgres",
    // The database's own collation may ignore punctuation, and may change under an index when libc is upgraded.
    text: 'text collate "C"',
    integer: "bigint",
    tableEnd: "",
    clusteredTableEnd: "",
    now: () => sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`,
    forUpdate: sql`for update`,
    forUpdateSkipLocked: sql`for update skip locked`,
    contains: (column, needle) => sql<boolean>`strpos(${column}, ${needle}) > 0`,
    sharedByProcesses: true,
  },
};
