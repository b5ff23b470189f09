import { accessSync, constants, existsSync } from "node:fs";
import path from "node:path";
import {
  type ConfigurationSource,
  type LoadedConfiguration,
  loadConfiguration,
  resolveSecrets,
} from "@airfleet/control";
import { createAirflowEngine } from "@airfleet/airflow";
import { createDagsterEngine } from "@airfleet/dagster";
import type { Engine } from "@airfleet/engine";
import { AirfleetError, type EngineKind, type InstanceConfig, type ResolvedInstanceConfig } from "@airfleet/model";
import { openLocalStore } from "./open-local-control.ts";

/** One thing that was looked at. */
export interface Finding {
  readonly subject: string;
  readonly state: "ok" | "warning" | "failed";
  readonly code: string | null;
  readonly message: string;
}

const LEAST_NODE = [24, 15] as const;
/** More than this and logical dates, tokens and logs begin to disagree. */
const LARGEST_SKEW_MS = 5_000;

const ok = (subject: string, message: string): Finding => ({ subject, state: "ok", code: null, message });
const warning = (subject: string, message: string): Finding => ({ subject, state: "warning", code: null, message });

const failed = (subject: string, error: unknown): readonly Finding[] => {
  if (!(error instanceof AirfleetError)) {
    return [
      { subject, state: "failed", code: "INTERNAL", message: error instanceof Error ? error.message : String(error) },
    ];
  }
  const { code, message, findings } = error;
  if (findings.length === 0) return [{ subject, state: "failed", code, message }];
  return findings.map((finding) => ({
    subject,
    state: "failed",
    code,
    message: `${finding.pointer}: ${finding.message}`,
  }));
};

const examineNode = (): Finding => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isNewEnough = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  if (isNewEnough) return ok("node", `Node.js ${process.versions.node}`);
  const message = `Node.js ${process.versions.node} is too old: ${LEAST_NODE.join(".")} or newer is needed`;
  return { subject: "node", state: "failed", code: null, message };
};

const describeStore = async (source: ConfigurationSource): Promise<string> => {
  await using store = await openLocalStore(source);
  await store.checkReady();
  return `${store.backend} answers`;
};

const examineStore = async (
  source: ConfigurationSource,
  { settings }: LoadedConfiguration,
): Promise<readonly Finding[]> => {
  const { url, data_dir: dataDir } = settings.store;
  if (url === undefined && !existsSync(dataDir)) {
    // Opening it would make it, and looking must not change anything.
    const parent = path.dirname(path.resolve(dataDir));
    try {
      accessSync(parent, constants.W_OK);
      return [ok("store", `${dataDir} will be made at the first start`)];
    } catch (error) {
      return failed("store", error);
    }
  }
  try {
    return [ok("store", await describeStore(source))];
  } catch (error) {
    const isInUse = error instanceof AirfleetError && error.code === "DATA_DIR_LOCKED";
    return isInUse ? [ok("store", `in use by process ${String(error.details.pid)}`)] : failed("store", error);
  }
};

const SOFTWARE = { airflow: "Airflow", dagster: "Dagster", embedded: "Airfleet" } as const satisfies Record<
  EngineKind,
  string
>;

const openEngine = (config: ResolvedInstanceConfig): Engine =>
  config.engine === "dagster" ? createDagsterEngine({ config }) : createAirflowEngine({ config });

const examineInstance = async (
  config: InstanceConfig,
  env: ConfigurationSource["env"],
): Promise<readonly Finding[]> => {
  const subject = `instance ${config.id}`;
  if (!config.enabled) return [ok(subject, "disabled")];
  try {
    const engine = openEngine(resolveSecrets(config, env));
    try {
      const { version, support, authenticated, clockSkewMs, latencyMs, health } = await engine.probe({});
      const findings: Finding[] = [];
      if (!authenticated) {
        const message = "it answers, but refuses our credentials. Check its auth settings.";
        return [{ subject, state: "failed", code: "INSTANCE_CREDENTIALS_REFUSED", message }];
      }
      const sick = health.components.filter(({ status }) => status === "unhealthy").map(({ name }) => name);
      if (sick.length > 0) findings.push(warning(subject, `unhealthy there: ${sick.join(", ")}`));
      if (clockSkewMs !== null && Math.abs(clockSkewMs) > LARGEST_SKEW_MS) {
        findings.push(warning(subject, `its clock is ${Math.round(clockSkewMs / 1_000)} s off ours`));
      }
      if (config.tls.insecure) findings.push(warning(subject, "its certificate is not checked (tls.insecure)"));
      return [
        ok(subject, `${SOFTWARE[config.engine]} ${version} (${support}), ${Math.round(latencyMs)} ms`),
        ...findings,
      ];
    } finally {
      await engine.close();
    }
  } catch (error) {
    return failed(subject, error);
  }
};

/**
 * Looks at everything that keeps Airfleet from working here: Node, configuration, secrets, store, and each instance with
 * our credentials. Changes nothing; instances that were added through the API are the server's to ask.
 *
 * @param only Instances to look at; all when absent.
 */
export const examine = async (
  source: ConfigurationSource,
  only: readonly string[] = [],
): Promise<readonly Finding[]> => {
  const node = examineNode();
  let loaded: LoadedConfiguration;
  try {
    loaded = loadConfiguration(source);
  } catch (error) {
    return [node, ...failed("configuration", error)];
  }
  const chosen = loaded.instances.filter(({ config }) => only.length === 0 || only.includes(config.id));
  const missing = only.filter((id) => !chosen.some(({ config }) => config.id === id));
  const [store, ...instances] = await Promise.all([
    examineStore(source, loaded),
    ...chosen.map(({ config }) => examineInstance(config, source.env)),
  ]);
  return [
    node,
    ok("configuration", `${loaded.instances.length} instances from files and environment`),
    ...loaded.warnings.map((message) => warning("configuration", message)),
    ...store,
    ...instances.flat(),
    ...missing.map((id) =>
      warning(`instance ${id}`, "not in the configuration files; ask the server: airfleet instances probe"),
    ),
  ];
};
