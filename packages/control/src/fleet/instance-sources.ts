import type { Store } from "@airfleet/store";
import type { ConfiguredInstance } from "../configuration/configured-instance.ts";
import type { InstanceRegistry } from "./instance-registry.ts";
import { mergeSources } from "./merge-sources.ts";

/** Brings the registry to what files and store say. */
export interface InstanceSources {
  /** Reads the files again. @throws what is wrong in them, CONFIG_SOURCES_CLASH, SECRET_UNAVAILABLE; then nothing changes. */
  reload(): Promise<void>;
  /** The files as last read, the store as it is now. */
  refresh(): Promise<void>;
  /** Whether the store holds other instances, or other versions of them, than the registry. */
  isOutdated(): Promise<boolean>;
}

interface SourcePorts {
  readonly store: Store;
  readonly registry: InstanceRegistry;
  readonly loadFiles: () => Promise<readonly ConfiguredInstance[]>;
  readonly onChanged: () => void;
}

export const createInstanceSources = ({ store, registry, loadFiles, onChanged }: SourcePorts): InstanceSources => {
  let files: readonly ConfiguredInstance[] = [];

  const apply = async (next: readonly ConfiguredInstance[]): Promise<void> => {
    const [stored, known] = [await store.instances.list(), await store.knownInstances.list()];
    const defined = mergeSources({ files: next, stored, known, before: registry.list() });
    registry.apply(defined);
    files = next;
    const current = defined.filter(({ removed }) => !removed);
    await store.knownInstances.remember(
      current.map(({ config, source }) => ({ id: config.id, source, enabled: config.enabled })),
    );
    // What has just left its file is known from now on, and shown disabled.
    const left = await store.knownInstances.list();
    registry.apply(mergeSources({ files: next, stored, known: left, before: defined.concat(registry.list()) }));
    onChanged();
  };

  return {
    async reload() {
      await apply(await loadFiles());
    },
    refresh: () => apply(files),
    async isOutdated() {
      const stored = await store.instances.list();
      const versions = new Map(stored.map(({ id, version }) => [id, version]));
      const ours = registry.list().filter(({ source }) => source === "stored");
      return ours.length !== versions.size || ours.some(({ config, version }) => versions.get(config.id) !== version);
    },
  };
};
