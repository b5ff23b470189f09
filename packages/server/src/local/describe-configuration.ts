import {
  type ConfigurationSource,
  configurationJsonSchema,
  type ExplainedValue,
  explainConfiguration,
  loadConfiguration,
} from "@airfleet/control/configuration";

/** The configuration in force, as it may be shown. */
export interface DescribedConfiguration {
  readonly values: readonly ExplainedValue[];
  readonly instances: number;
  readonly warnings: readonly string[];
}

/**
 * Reads the configuration as `serve` would: every value with its source, secrets hidden.
 *
 * @throws {AirfleetError} CONFIG_FILE_INVALID with every mistake, CONFIG_FILE_UNREADABLE, CONFIG_SOURCES_CLASH
 */
export const describeConfiguration = (source: ConfigurationSource): DescribedConfiguration => {
  const loaded = loadConfiguration(source);
  return { values: explainConfiguration(loaded), instances: loaded.instances.length, warnings: loaded.warnings };
};

/** The JSON Schema of `airfleet.yaml`. */
export const describeConfigurationFile = configurationJsonSchema;
