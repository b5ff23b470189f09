import type { Request } from "../http/request.ts";
import type { FaultHandle, FaultRule } from "./fault.ts";

/** The faults of one instance. */
export interface FaultBoard {
  /** Sets a fault; several may hit the same request. */
  add(rule: FaultRule): FaultHandle;
  /** Removes all. */
  clear(): void;
  /** How often faults fired since the instance was made. */
  readonly fired: number;
}

export interface ActiveFault extends FaultHandle {
  /** Set when a stale read needs it: what was true when the fault was set. */
  readonly id: number;
}

const toPattern = (path: string | RegExp | undefined): RegExp | undefined => {
  if (path === undefined || path instanceof RegExp) return path;
  const source = path
    .split(/(\*\*|\*)/)
    .map((part) => (part === "**" ? ".*" : part === "*" ? "[^/]+" : part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")))
    .join("");
  return new RegExp(`^${source}$`);
};

interface Entry extends ActiveFault {
  readonly pattern: RegExp | undefined;
  fired: number;
  seen: number;
  isOver: boolean;
}

/** The board, and `take` for the server: the faults that hit a request, counted. */
export const createFaultBoard = (
  chance: () => number,
  onAdd: (fault: ActiveFault) => void,
): FaultBoard & { readonly take: (request: Request) => readonly ActiveFault[] } => {
  let entries: Entry[] = [];
  let nextId = 1;
  let total = 0;
  const waiters = new Set<() => void>();

  const hits = (entry: Entry, request: Request): boolean => {
    const { rule, pattern } = entry;
    if (rule.method !== undefined && rule.method !== request.method) return false;
    if (pattern !== undefined && !pattern.test(request.path)) return false;
    entry.seen += 1;
    if (entry.seen <= (rule.after ?? 0)) return false;
    return rule.probability === undefined || chance() < rule.probability;
  };

  return {
    add: (rule) => {
      const entry: Entry = {
        id: nextId++,
        rule,
        pattern: toPattern(rule.path),
        fired: 0,
        seen: 0,
        isOver: false,
        whenFired: (times = 1) =>
          new Promise((resolve) => {
            const check = (): void => {
              if (entry.fired < times) return;
              waiters.delete(check);
              resolve();
            };
            waiters.add(check);
            check();
          }),
        remove: () => {
          entries = entries.filter((other) => other !== entry);
        },
      };
      entries.push(entry);
      onAdd(entry);
      return entry;
    },
    clear: () => {
      entries = [];
    },
    get fired() {
      return total;
    },
    take: (request) => {
      const taken = entries.filter((entry) => !entry.isOver && hits(entry, request));
      for (const entry of taken) {
        entry.fired += 1;
        total += 1;
        if (entry.fired >= (entry.rule.times ?? Number.POSITIVE_INFINITY)) entry.isOver = true;
      }
      if (taken.length > 0) for (const check of waiters) check();
      return taken;
    },
  };
};
