export { type ExplainedValue, explainConfiguration } from "./explain-configuration.ts";
export { type ConfigurationSource, type LoadedConfiguration, loadConfiguration } from "./load-configuration.ts";
export { configurationJsonSchema } from "./settings.ts";
