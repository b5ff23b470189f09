import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Now } from "../instants.ts";
import type { EngineDatabase } from "./open-database.ts";

/** After this silence of a process that lives, another one takes the work. */
export const LEASE_MS = 15_000;
export const HEARTBEAT_MS = 3_000;

interface LeaseRow {
  readonly token: number;
  readonly owner: string | null;
  readonly pid: number | null;
  readonly pid_began: string | null;
  readonly expires_at: number;
}

/** Who runs the work: one process of the machine. */
export interface WorkLease {
  /** Grows with each taker. */
  readonly token: number;
  /** Takes the lease where it is free, or its holder is dead. @returns whether we hold it now */
  take(): boolean;
  /** Holds it for longer. @returns false when another one has it */
  renew(): boolean;
  /** Within a transaction: whether what we are about to write may be written. */
  isOurs(): boolean;
  release(): void;
}

/** When a process began, as Linux counts it: a pid alone may mean another one by now. Null where this cannot be told. */
export const beginningOf = (pid: number): string | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
};

const isDead = ({ pid, pid_began: began }: LeaseRow): boolean => {
  if (pid === null) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  return began !== null && beginningOf(pid) !== began;
};

const READ = "select token, owner, pid, pid_began, expires_at from lease";

export const createWorkLease = (database: EngineDatabase, now: Now): WorkLease => {
  const owner = randomUUID();
  let token = 0;
  const isOurs = (): boolean => {
    const row = database.one<LeaseRow>(READ);
    return row !== undefined && row.owner === owner && row.token === token;
  };
  return {
    get token() {
      return token;
    },
    isOurs,
    take: () =>
      database.transaction(() => {
        const row = database.one<LeaseRow>(READ);
        if (row === undefined) return false;
        if (row.owner !== null && row.expires_at > now() && !isDead(row)) return false;
        token = row.token + 1;
        database.run(
          "update lease set token = ?, owner = ?, pid = ?, pid_began = ?, expires_at = ?",
          token,
          owner,
          process.pid,
          beginningOf(process.pid),
          now() + LEASE_MS,
        );
        return true;
      }),
    renew: () =>
      database.transaction(() => {
        if (!isOurs()) return false;
        database.run("update lease set expires_at = ?", now() + LEASE_MS);
        return true;
      }),
    release: () =>
      database.transaction(() => {
        if (isOurs()) database.run("update lease set owner = null, pid = null, expires_at = 0");
      }),
  };
};

/** Whether somebody runs the work, and when they were last heard of. */
export const readLease = (
  database: EngineDatabase,
  now: Now,
): { readonly isHeld: boolean; readonly heardAt: number } => {
  const row = database.one<LeaseRow>(READ);
  const isHeld = row !== undefined && row.owner !== null && row.expires_at > now() && !isDead(row);
  return { isHeld, heardAt: (row?.expires_at ?? 0) - LEASE_MS };
};
