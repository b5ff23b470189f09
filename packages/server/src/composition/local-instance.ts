import type { ConfiguredInstance } from "@airfleet/control";
import { InstanceConfig } from "@airfleet/model";

/** What the embedded engine is called where nothing else has the name, and where something has. */
export const LOCAL_IDS = ["local", "airfleet-local"] as const;

/** How people are told where this instance comes from. */
const SOURCE = "embedded.enabled";

interface LocalInstance {
  /** What the files define. */
  readonly load: () => Promise<readonly ConfiguredInstance[]>;
  /** Ids of instances that were made through the API. */
  readonly storedIds: () => Promise<readonly string[]>;
}

/** The instances of the files, and beside them this machine. */
export const withLocalInstance =
  ({ load, storedIds }: LocalInstance): (() => Promise<readonly ConfiguredInstance[]>) =>
  async () => {
    const configured = await load();
    const taken = new Set([...configured.map(({ config }) => config.id), ...(await storedIds())].map(toFolded));
    const id = LOCAL_IDS.find((name) => !taken.has(name));
    if (id === undefined) return configured;
    const config = InstanceConfig.parse({ id, name: "This machine", engine: "embedded" });
    return [...configured, { config, source: SOURCE, place: SOURCE }];
  };

const toFolded = (id: string): string => id.toLowerCase();
