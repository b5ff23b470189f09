import type { DagId, InstanceId } from "@airfleet/model";
import type { Store } from "@airfleet/store";
import { redactConf } from "./redact-conf.ts";

/** The DAG whose conf a value is, or is about; none for what belongs to no DAG. */
export interface ConfPlace {
  readonly instance: InstanceId;
  readonly dagId: DagId | null;
}

/** A value as our records may show it. */
export type Redact = (value: unknown, place?: ConfPlace) => unknown;

/**
 * Names of conf keys that callers have called secret, each for the DAG they asked a run of, for good: runs tell their
 * conf again whenever they are read. Elsewhere the name means nothing, so that nobody hides what is others'.
 */
export interface SecretNames {
  readonly redact: Redact;
  /** Takes these names for secret there from now on, in every process of this store. */
  learn(places: readonly ConfPlace[], names: readonly string[]): Promise<void>;
  /** Hears of what other processes have learned. */
  refresh(): Promise<void>;
}

/** One row per name and DAG: two processes that learn at the same time do not overwrite each other. */
const PREFIX = "secret_conf_key:";
/** Names that one DAG may have: a caller cannot fill the store with them. */
const NAMES_PER_DAG = 200;

const placeKey = ({ instance, dagId }: ConfPlace): string => JSON.stringify([instance, dagId]);

export const createSecretNames = (
  settings: Pick<Store["settings"], "list" | "set">,
  redact: (value: unknown) => unknown,
): SecretNames => {
  const known = new Map<string, Set<string>>();
  const namesAt = (place: string): Set<string> => {
    const names = known.get(place) ?? new Set();
    known.set(place, names);
    return names;
  };
  return {
    redact: (value, place) => redactConf(value, place === undefined ? undefined : known.get(placeKey(place)), redact),

    async learn(places, given) {
      for (const place of places.map(placeKey)) {
        const names = namesAt(place);
        for (const name of given) {
          if (names.has(name) || names.size >= NAMES_PER_DAG) continue;
          await settings.set(`${PREFIX}${JSON.stringify([place, name])}`, true);
          names.add(name);
        }
      }
    },

    async refresh() {
      for (const { key } of await settings.list()) {
        if (!key.startsWith(PREFIX)) continue;
        const [place, name] = JSON.parse(key.slice(PREFIX.length)) as [string, string];
        namesAt(place).add(name);
      }
    },
  };
};
