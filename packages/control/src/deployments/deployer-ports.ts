import type { DeploymentChange, Store, StoredDeployment } from "@airfleet/store";
import type { InstanceConditions } from "../fleet/instance-conditions.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { Logger } from "../logger.ts";
import type { InstanceTime } from "../runs/instance-time.ts";
import type { DeployTargets } from "./deploy-targets.ts";

/** What deploying stands on. */
export interface DeployerPorts {
  readonly store: Store;
  readonly registry: InstanceRegistry;
  readonly conditions: Pick<InstanceConditions, "probe">;
  readonly time: InstanceTime;
  readonly targets: DeployTargets;
  readonly now: () => number;
  readonly retryForMs: number;
  readonly logger: Logger;
  readonly onWritten: () => void;
}

/** Writes a change over the row that was read, and has its event told. */
export type ChangeDeployment = (
  deployment: StoredDeployment,
  news: DeploymentChange,
) => Promise<StoredDeployment | undefined>;
