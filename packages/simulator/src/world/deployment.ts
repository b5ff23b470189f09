import type { Scheduler } from "../scheduler/scheduler.ts";
import type { World } from "./world.ts";

/** A user of a deployment. */
export interface UserSpec {
  readonly username: string;
  readonly password: string;
  /** `viewer` may read only. Default `admin`. */
  readonly role?: "admin" | "viewer";
}

/** One running deployment: what it knows, its scheduler, and the settings that its API depends on. */
export interface Deployment {
  readonly world: World;
  readonly scheduler: Scheduler;
  readonly users: readonly UserSpec[];
  /** Signs file and log tokens; another one on each instance. */
  readonly secretKey: string;
  readonly settings: DeploymentSettings;
}

/** Settings that a test may change while the instance runs. */
export interface DeploymentSettings {
  version: string;
  /** Lifetime of Airflow 3's tokens. */
  tokenLifetimeSeconds: number;
  cliTokenLifetimeSeconds: number;
  /** Signs Airflow 3's tokens; a new one makes all tokens out there invalid. */
  jwtSecret: string;
  /** Largest page of lists; Airflow's `maximum_page_limit`. */
  maximumPageLimit: number;
  exposeConfig: boolean;
  schedulerHealthy: boolean;
}
