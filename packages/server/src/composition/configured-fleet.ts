import {
  type ConfigurationSource,
  type ConfiguredInstance,
  type FollowedConfiguration,
  followConfiguration,
  type InstanceUseCases,
  type LoadedConfiguration,
} from "@airfleet/control";
import type { Logger } from "pino";

/** The configuration in force, and the fleet kept in step with it. */
export interface ConfiguredFleet {
  readonly loaded: LoadedConfiguration;
  /** For `createControl`: what the files define now. */
  readonly loadInstances: () => Promise<readonly ConfiguredInstance[]>;
  /** From now on a changed file changes the fleet. */
  follow(instances: Pick<InstanceUseCases, "reload">, logger: Logger): void;
  /** Reads the files again, as SIGHUP asks for. */
  reload(): void;
  close(): void;
}

/**
 * Reads the configuration. What concerns the server itself (address, store, mode) counts from the next start; instances
 * are taken over at once.
 *
 * @throws {AirfleetError} CONFIG_FILE_INVALID, CONFIG_FILE_UNREADABLE, CONFIG_SOURCES_CLASH
 */
export const openConfiguredFleet = (source: ConfigurationSource): ConfiguredFleet => {
  let loaded: LoadedConfiguration;
  let onChange: (() => void) | undefined;
  let onRefused: ((error: Error) => void) | undefined;
  const followed: FollowedConfiguration = followConfiguration({
    source,
    onChange: (next) => {
      loaded = next;
      onChange?.();
    },
    onRefused: (error) => onRefused?.(error),
  });
  loaded = followed.current;
  return {
    get loaded() {
      return loaded;
    },
    loadInstances: async () => loaded.instances,
    follow(instances, logger) {
      const refuse = (error: unknown): void =>
        logger.error({ err: error }, "the changed configuration cannot be used; the old one stays");
      const takeOver = async (): Promise<void> => {
        for (const warning of loaded.warnings) logger.warn({}, warning);
        await instances.reload();
        logger.info({ instances: loaded.instances.length }, "the fleet's configuration was read again");
      };
      onRefused = refuse;
      onChange = () => void takeOver().catch(refuse);
    },
    reload: () => void followed.reload(),
    close: () => followed.close(),
  };
};
