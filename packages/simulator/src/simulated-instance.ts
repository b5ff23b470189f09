import type { FaultBoard } from "./faults/fault-board.ts";
import type { RequestLog } from "./http/request-log.ts";
import type { BrokenFileSpec, DagSpec } from "./specs/dag-spec.ts";
import type { Clock } from "./clock/clock.ts";
import type { DeploymentSettings, UserSpec } from "./world/deployment.ts";
import type { Generation, World } from "./world/world.ts";

/** One fake deployment. */
export interface InstanceSpec {
  readonly id: string;
  /** 2: Airflow 2.11.2 with REST v1. 3: Airflow 3.3.2 with REST v2. */
  readonly generation: Generation;
  /** Default 0: a free one. */
  readonly port?: number;
  /** Default: `admin` with password `admin`. */
  readonly users?: readonly UserSpec[];
  readonly dags?: readonly DagSpec[];
  /** Files that never parsed. */
  readonly brokenFiles?: readonly BrokenFileSpec[];
  /** Decides everything that looks random. Default 1. */
  readonly seed?: number;
  /** Default: the simulator's. */
  readonly clock?: Clock;
  /** How many times faster tasks run and the scheduler reacts; dates and cron stay in the clock's time. Default: the simulator's. */
  readonly timeScale?: number;
  /** Time that every answer takes, in milliseconds. Default 0. */
  readonly latencyMs?: number | { readonly ms: number; readonly jitterMs: number };
  /** Finished runs that a DAG keeps; older ones vanish. Default: all. */
  readonly keepRunsPerDag?: number;
  readonly variables?: Readonly<Record<string, string>>;
  /** Pools and their slots, beside `default_pool` with 128. */
  readonly pools?: Readonly<Record<string, number>>;
  readonly settings?: Partial<DeploymentSettings>;
}

/** How a changed file becomes visible, in simulated seconds after the write. Default: at once. */
export interface DeployTimes {
  /** Until tags, description, source and parse time are new. */
  readonly parseSeconds?: number;
  /** From then until tasks, params and doc_md are new: only then is it live. */
  readonly serializeSeconds?: number;
}

/** A running fake deployment. */
export interface SimulatedInstance {
  readonly id: string;
  readonly generation: Generation;
  /** Root URL without a slash at the end, e.g. `http://127.0.0.1:41234`. */
  readonly url: string;
  readonly port: number;
  /** The first user. */
  readonly credentials: { readonly username: string; readonly password: string };
  readonly faults: FaultBoard;
  readonly requests: RequestLog;
  /** Version, token lifetime and the like; may be changed at any time. */
  readonly settings: DeploymentSettings;
  /** Everything it knows, for tests to look at. */
  readonly world: World;
  /** Writes a new or changed DAG file. */
  deploy(dag: DagSpec, times?: DeployTimes): void;
  /** Lets the file of this DAG fail to parse from now on. */
  breakDag(dagId: string, stackTrace?: string): void;
  /** Removes the file of this DAG, and lets the deployment notice at once. */
  removeFile(dagId: string): void;
  /** Closes the port: connections are refused. The scheduler goes on. */
  down(): Promise<void>;
  /** Opens the same port again. */
  up(): Promise<void>;
  close(): Promise<void>;
}
