import type { InstanceConfig, ResolvedInstanceConfig } from "@airfleet/model";
import type { Store } from "@airfleet/store";
import type { Variables } from "./connections/find-connection.ts";
import type { LoadModules } from "./modules/module-library.ts";
import type { AirflowRuntime } from "./pipelines/compile-artifact.ts";
import type { Clock } from "./clock.ts";
import type { ConfiguredInstance } from "./configuration/configured-instance.ts";
import type { ControlSettings } from "./control-settings.ts";
import type { ExecutableDeployments } from "./executions/execution-ports.ts";
import type { CreateEngine } from "./fleet/instance-registry.ts";
import type { OpenQueue } from "./inbox/event-sources.ts";
import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";
import type { LookAtProcess } from "./stops/local-process.ts";

/** What the use cases stand on. */
export interface ControlOptions {
  /** Open; whoever opened it closes it, after the control. */
  readonly store: Store;
  /** Makes an engine; called again when an instance's configuration or the number of server processes changes. */
  readonly createEngine: CreateEngine;
  /** Reads what files and environment define; called at the start and by `instances.reload()`. */
  readonly loadInstances: () => Promise<readonly ConfiguredInstance[]>;
  /** Replaces `{env}` and `{file}` by what they stand for. @throws SECRET_UNAVAILABLE */
  readonly resolveSecrets: (config: InstanceConfig) => ResolvedInstanceConfig;
  /** Opens the queue of an event source; default: Amazon SQS. */
  readonly openQueue?: OpenQueue;
  /** Reads the modules that a team brings along; default: none. */
  readonly loadModules?: LoadModules;
  /** Name of the package beside Airflow's files that carries out steps; default: one without a version. */
  readonly airflowRuntime?: AirflowRuntime;
  /** Where connections are looked for that are not in the store; default: nowhere. */
  readonly environment?: Variables;
  /** Where pipelines can run, and how far they have come there; default: what the deployments say. */
  readonly executableDeployments?: ExecutableDeployments;
  /** A folder of this server, for copies of git repositories; default: one of the user's below the system's temporary folder. */
  readonly dataDir?: string;
  /** Looks at processes of this host; default: in /proc. */
  readonly lookAtProcess?: LookAtProcess;
  readonly settings?: Partial<ControlSettings>;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly metrics?: Metrics;
  /** For jitter; default `Math.random`. */
  readonly random?: () => number;
}
