import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";

/** A process that an engine names. */
export interface NamedProcess {
  readonly hostname: string | null;
  readonly pid: number | null;
  /** When its task started, epoch milliseconds; null where the engine does not say. */
  readonly startedAt: number | null;
  /** What `lookAtProcess` answered when it was seen first; null while it never was. */
  readonly seen: string | null;
}

export interface ProcessSight {
  readonly state: "alive" | "gone" | "unknown";
  /** Tells it from every other process on this host, also from a later one of the same pid. */
  readonly process: string | null;
}

/** Looks whether a process lives on this host. Never throws. */
export type LookAtProcess = (named: NamedProcess) => Promise<ProcessSight>;

const UNKNOWN: ProcessSight = { state: "unknown", process: null };
/** Linux counts in this many ticks a second for user space, whatever the kernel's own. */
const TICKS_PER_SECOND = 100;
/** A worker may take its time between making a process and telling the engine that the task runs. */
const START_SLACK_MS = 300_000;

/** Workers may be known by their full name, and this host by its short one. */
const shortName = (name: string): string => (name.split(".", 1)[0] ?? "").toLowerCase();

interface Boot {
  /** This boot of this host, and the room in it in which our pids count. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

const bootOf = async (): Promise<Boot> => {
  const [id, room, stat] = await Promise.all([
    readFile("/proc/sys/kernel/random/boot_id", "utf8"),
    readlink("/proc/self/ns/pid"),
    readFile("/proc/stat", "utf8"),
  ]);
  return { id: `${id.trim()}/${room}`, atMs: Number(/^btime (\d+)$/m.exec(stat)?.[1]) * 1_000 };
};

/** Start in ticks since the boot; undefined when there is no such process, or only what its parent has not collected. */
const startTicksOf = async (pid: number): Promise<number | undefined> => {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The second field is the program's name in brackets, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return stat === "" || fields[0] === "Z" ? undefined : Number(fields[19]);
};

const commandOf = (pid: number): Promise<string> => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");

/**
 * Looks at a process of this host by its pid. A pid alone proves nothing: in a container the same host name and the same
 * number may belong to something else. So a process counts as gone only after it was seen here once, as a program of
 * Airflow's that began when its task did; and as the same one only with the same start since the same boot.
 */
export const lookAtProcess: LookAtProcess = async ({ hostname: host, pid, startedAt, seen }) => {
  if (host === null || pid === null || shortName(host) !== shortName(hostname())) return UNKNOWN;
  try {
    const boot = await bootOf();
    const ticks = await startTicksOf(pid);
    const identity = ticks === undefined ? null : `${boot.id}/${pid}/${ticks}`;
    if (seen !== null) {
      // Seen from another container of this host, whose pids are not ours.
      if (!seen.startsWith(`${boot.id}/`)) return UNKNOWN;
      return { state: identity === seen ? "alive" : "gone", process: seen };
    }
    if (ticks === undefined || startedAt === null || !/airflow/i.test(await commandOf(pid))) return UNKNOWN;
    const beganAt = boot.atMs + (ticks / TICKS_PER_SECOND) * 1_000;
    return Math.abs(beganAt - startedAt) > START_SLACK_MS ? UNKNOWN : { state: "alive", process: identity };
  } catch {
    // Not Linux, or a /proc that hides others' processes.
    return UNKNOWN;
  }
};
