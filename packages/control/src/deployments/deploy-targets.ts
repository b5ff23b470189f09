import { createDeployTarget, type DeployTarget } from "@airfleet/deploy";
import {
  AirfleetError,
  type DeployConfig,
  type InstanceConfig,
  type InstanceId,
  type ResolvedInstanceConfig,
} from "@airfleet/model";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";

/** The targets of instances, each opened once and again when its configuration changes. */
export interface DeployTargets {
  /** @throws {AirfleetError} DEPLOY_TARGET_MISSING, INSTANCE_UNKNOWN, INSTANCE_DISABLED */
  check(instance: InstanceId): InstanceConfig;
  /** @throws the same, SECRET_UNAVAILABLE */
  open(instance: InstanceId): { readonly target: DeployTarget; readonly folder: string };
  close(): Promise<void>;
}

/** Our folder as the configuration names it: one sentinel for each. */
export const folderOf = (deploy: DeployConfig | ResolvedInstanceConfig["deploy"]): string => {
  switch (deploy?.type) {
    case undefined:
      return "";
    case "folder":
      return deploy.subfolder;
    case "s3":
      return deploy.prefix;
    case "git":
      return deploy.path;
    default:
      return deploy satisfies never;
  }
};

/** Whether an engine of this kind takes plans without a target. */
const takesPlans = ({ engine }: InstanceConfig): boolean => engine === "embedded";

export const createDeployTargets = (ports: {
  readonly registry: InstanceRegistry;
  readonly resolveSecrets: (config: InstanceConfig) => ResolvedInstanceConfig;
  readonly dataDir: string;
}): DeployTargets => {
  const { registry, resolveSecrets, dataDir } = ports;
  const opened = new Map<InstanceId, { readonly print: string; readonly target: DeployTarget }>();

  const check = (instance: InstanceId): InstanceConfig => {
    const { config } = registry.getEnabled(instance);
    if (config.deploy === undefined && !takesPlans(config))
      throw new AirfleetError("DEPLOY_TARGET_MISSING", { instance });
    return config;
  };

  return {
    check,
    open(instance) {
      const { deploy } = resolveSecrets(check(instance));
      if (deploy === undefined) throw new AirfleetError("DEPLOY_TARGET_MISSING", { instance });
      const print = JSON.stringify(deploy);
      const known = opened.get(instance);
      if (known?.print === print) return { target: known.target, folder: folderOf(deploy) };
      void known?.target.close().catch(() => undefined);
      const target = createDeployTarget(deploy, { dataDir });
      opened.set(instance, { print, target });
      return { target, folder: folderOf(deploy) };
    },
    async close() {
      await Promise.all([...opened.values()].map(({ target }) => target.close().catch(() => undefined)));
      opened.clear();
    },
  };
};
