import {
  type ConfigurationSource,
  type Control,
  createControl,
  loadConfiguration,
  resolveSecrets,
  resolveSetting,
  silentLogger,
} from "@airfleet/control";
import { AirfleetError } from "@airfleet/model";
import { openStore, type Store } from "@airfleet/store";

/** Opens the store that the configuration names. @throws {AirfleetError} what configuration and store throw */
export const openLocalStore = (source: ConfigurationSource): Promise<Store> => {
  const { url, data_dir: dataDir } = loadConfiguration(source).settings.store;
  return openStore(url === undefined ? { dataDir } : { url: resolveSetting("store.url", url, source.env) });
};

/**
 * The use cases on the configured store, without a server: nothing is polled, and no instance is called. Both are closed
 * when `work` has ended.
 *
 * @throws {AirfleetError} DATA_DIR_LOCKED while a server uses a SQLite store, and what configuration and store throw
 */
export const withLocalControl = async <Result>(
  source: ConfigurationSource,
  work: (control: Control) => Promise<Result>,
): Promise<Result> => {
  await using store = await openLocalStore(source);
  const control = await createControl({
    store,
    createEngine: (config) => {
      throw new AirfleetError("INSTANCE_DISABLED", { instance: config.id });
    },
    loadInstances: async () => loadConfiguration(source).instances,
    resolveSecrets: (config) => resolveSecrets(config, source.env),
    logger: silentLogger,
  });
  try {
    return await work(control);
  } finally {
    await control.close();
  }
};
