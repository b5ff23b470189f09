import type { Store } from "@airfleet/store";
import { redactConf } from "./redact-conf.ts";

/** Names of conf keys that callers have called secret, for good: runs tell their conf again whenever they are read. */
export interface SecretNames {
  /** A value as our records may show it. */
  readonly redact: (value: unknown) => unknown;
  /** Takes these names for secret from now on, in every process of this store. */
  learn(names: readonly string[]): Promise<void>;
  /** Hears of what other processes have learned. */
  refresh(): Promise<void>;
}

/** One row per name: two processes that learn at the same time do not overwrite each other. */
const PREFIX = "secret_conf_key:";

export const createSecretNames = (
  settings: Pick<Store["settings"], "list" | "set">,
  redact: (value: unknown) => unknown,
): SecretNames => {
  const names = new Set<string>();
  return {
    redact: (value) => redactConf(value, names, redact),

    async learn(given) {
      for (const name of given) {
        if (names.has(name)) continue;
        await settings.set(`${PREFIX}${name}`, true);
        names.add(name);
      }
    },

    async refresh() {
      for (const { key } of await settings.list()) {
        if (key.startsWith(PREFIX)) names.add(key.slice(PREFIX.length));
      }
    },
  };
};
