import type { ConfigurationSource } from "@airfleet/control";

export type { DescribedConfiguration } from "./describe-configuration.ts";
export type { JudgedFile } from "./judge-pipeline-file.ts";
export type { PipelineRunEnd, PipelineRunWish, StepEnd } from "./run-pipeline-file.ts";
export type { Finding } from "./examine.ts";
export type { ConfigurationSource };

/**
 * What the command line does without a server. Each function loads what it needs when it is called: reading the
 * configuration must not cost the time of loading a database driver.
 */
export const describeConfiguration = async (source: ConfigurationSource) =>
  (await import("./describe-configuration.ts")).describeConfiguration(source);

/** The JSON Schema of `airfleet.yaml`. */
export const describeConfigurationFile = async () =>
  (await import("./describe-configuration.ts")).describeConfigurationFile();

export const judgePipelineFile = async (
  ...args: Parameters<typeof import("./judge-pipeline-file.ts").judgePipelineFile>
) => (await import("./judge-pipeline-file.ts")).judgePipelineFile(...args);

export const runPipelineFile = async (...args: Parameters<typeof import("./run-pipeline-file.ts").runPipelineFile>) =>
  (await import("./run-pipeline-file.ts")).runPipelineFile(...args);

export const examine = async (source: ConfigurationSource, only: readonly string[]) =>
  (await import("./examine.ts")).examine(source, only);

type Backup = typeof import("./backup.ts");

export const backupToFile = async (...args: Parameters<Backup["backupToFile"]>) =>
  (await import("./backup.ts")).backupToFile(...args);

export const restoreFromFile = async (...args: Parameters<Backup["restoreFromFile"]>) =>
  (await import("./backup.ts")).restoreFromFile(...args);

type Tokens = typeof import("./create-token-in-store.ts");

export const createTokenInStore = async (...args: Parameters<Tokens["createTokenInStore"]>) =>
  (await import("./create-token-in-store.ts")).createTokenInStore(...args);
