import type { Store, StoredDeployment } from "@airfleet/store";
import type { InstanceConditions } from "../fleet/instance-conditions.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { Deployment, ScanEstimate } from "./deployment.ts";
import { estimateScan } from "./estimate-scan.ts";
import { CACHE_MS, writtenAt } from "./judge-deployment.ts";

interface ShowPorts {
  readonly store: Pick<Store, "deployments">;
  readonly registry: Pick<InstanceRegistry, "list">;
  readonly conditions: Pick<InstanceConditions, "probe">;
}

/** States in which somebody waits for the engine. */
const WAITING: ReadonlySet<StoredDeployment["state"]> = new Set(["pending", "written", "parsed", "live"]);

/** Adds what can be said of the wait. Few reads however many are shown: estimates are per instance. */
export const createDeploymentView = ({ store, registry, conditions }: ShowPorts) => {
  const scanOf = async (deployment: StoredDeployment): Promise<ScanEstimate | null> => {
    const config = registry.list().find((defined) => defined.config.id === deployment.instance)?.config;
    if (config?.engine !== "airflow") return null;
    const { isNew, instance } = deployment;
    const waits = await store.deployments.lastWaits(instance, isNew, 5);
    const canNudge = conditions.probe(instance) !== null;
    return estimateScan({ deploy: config.deploy, isNew, waits, canNudge });
  };

  return async (deployments: readonly StoredDeployment[]): Promise<readonly Deployment[]> => {
    const scans = new Map<string, Promise<ScanEstimate | null>>();
    return Promise.all(
      deployments.map(async (deployment) => {
        if (!WAITING.has(deployment.state)) return { ...deployment, scan: null, expectedAt: null };
        const key = `${deployment.instance} ${deployment.isNew}`;
        const known = scans.get(key) ?? scanOf(deployment);
        scans.set(key, known);
        const scan = await known;
        const waitsForCache =
          deployment.tasksChanged && conditions.probe(deployment.instance)?.generation === 2 ? CACHE_MS : 0;
        const expectedAt = scan === null ? null : writtenAt(deployment) + scan.seconds * 1_000 + waitsForCache;
        return { ...deployment, scan, expectedAt };
      }),
    );
  };
};
