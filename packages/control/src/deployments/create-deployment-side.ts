import type { InstanceConfig, ResolvedInstanceConfig } from "@airfleet/model";
import type { Clock } from "../clock.ts";
import type { PipelineUseCases } from "../pipelines/pipeline.ts";
import { createDeploymentReconciler } from "./deployment-reconciler.ts";
import { createDeploymentUseCases, type DeploymentPorts } from "./deployment-use-cases.ts";
import { createDeployTargets } from "./deploy-targets.ts";
import type { DeployerPorts } from "./deployer-ports.ts";
import { createInstanceDeployer } from "./instance-deployer.ts";
import { createDeploymentView } from "./show-deployment.ts";

type Ports = Omit<DeployerPorts, "targets" | "now"> &
  Omit<DeploymentPorts, "targets" | "show" | "onRecorded"> & {
    readonly pipelines: PipelineUseCases;
    readonly resolveSecrets: (config: InstanceConfig) => ResolvedInstanceConfig;
    /** A folder of this server, for copies of repositories. */
    readonly dataDir: string;
    readonly owner: string;
    readonly leaseMs: number;
    readonly clock: Clock;
    readonly random: () => number;
  };

/** Deployments, with what goes on behind them. */
export const createDeploymentSide = (ports: Ports) => {
  const { registry, clock, pipelines, onWritten } = ports;
  const now = (): number => clock.now();
  const targets = createDeployTargets(ports);
  const deploy = createInstanceDeployer({ ...ports, targets, now });
  const reconciler = createDeploymentReconciler({ ...ports, deploy });
  const useCases = createDeploymentUseCases({
    ...ports,
    registry,
    targets,
    show: createDeploymentView(ports),
    onRecorded: () => {
      onWritten();
      reconciler.wake();
    },
  });
  pipelines.onRemoval(useCases.onPipelineRemoved);
  return {
    useCases,
    start: () => reconciler.start(),
    async stop(): Promise<void> {
      await reconciler.stop();
      await targets.close();
    },
  };
};
