export { backupToFile, restoreFromFile } from "./backup.ts";
export { createTokenInStore } from "./create-token-in-store.ts";
export { type DescribedConfiguration, describeConfiguration, describeConfigurationFile } from "./describe-configuration.ts";
export { examine, type Finding } from "./examine.ts";
