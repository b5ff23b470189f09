import { AirfleetError } from "@airfleet/model";
import { type ConfigurationSource, type LoadedConfiguration, loadConfiguration } from "./load-configuration.ts";
import { type ConfigurationWatch, watchConfiguration } from "./watch-configuration.ts";

/** The configuration in force, kept up with its files. */
export interface FollowedConfiguration {
  readonly current: LoadedConfiguration;
  /** Reads everything again, as SIGHUP asks for. Tells whether the new one was taken. */
  reload(): boolean;
  close(): void;
}

interface FollowOptions {
  readonly source: ConfigurationSource;
  /** Takes the new configuration over; when it throws a coded error, the old one stays. */
  readonly onChange: (loaded: LoadedConfiguration) => void;
  /** The new files cannot be used: the old configuration stays in force. */
  readonly onRefused: (error: AirfleetError) => void;
  readonly quietMs?: number;
}

/**
 * Loads the configuration and again whenever one of its files changes.
 *
 * @throws {AirfleetError} as `loadConfiguration` does, for the first load only
 */
export const followConfiguration = ({ source, onChange, onRefused, quietMs }: FollowOptions): FollowedConfiguration => {
  let current = loadConfiguration(source);
  let watch: ConfigurationWatch | undefined;

  const observe = (): void => {
    watch?.close();
    watch = watchConfiguration(current.files, () => void reload(), quietMs);
  };

  const reload = (): boolean => {
    try {
      const next = loadConfiguration(source);
      onChange(next);
      const isMoved = next.files.join("|") !== current.files.join("|");
      current = next;
      if (isMoved) observe();
      return true;
    } catch (error) {
      if (!(error instanceof AirfleetError)) throw error;
      onRefused(error);
      return false;
    }
  };

  observe();
  return {
    get current() {
      return current;
    },
    reload,
    close: () => watch?.close(),
  };
};
