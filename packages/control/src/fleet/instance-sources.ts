import type { Store } from "@airfleet/store";
import type { ConfiguredInstance } from "../configuration/configured-instance.ts";
import type { InstanceRegistry } from "./instance-registry.ts";
import { mergeSources, STORED } from "./merge-sources.ts";

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
  let last: Promise<unknown> = Promise.resolve();

  /** One after the other: two that overlap could leave the older definition in force. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };

  const apply = async (next: readonly ConfiguredInstance[]): Promise<void> => {
    const stored = await store.instances.list();
    const before = registry.list();
    const known = [
      ...(await store.knownInstances.list()),
      ...before.map(({ config: { id }, source }) => ({ id, source })),
    ];
    const defined = mergeSources({ files: next, stored, known, before });
    registry.apply(defined);
    files = next;
    onChanged();
    const current = defined.filter(({ removed }) => !removed);
    await store.knownInstances.remember(
      current.map(({ config: { id, enabled }, source }) => ({ id, source, enabled })),
    );
  };

  return {
    reload: () => inTurn(async () => apply(await loadFiles())),
    refresh: () => inTurn(() => apply(files)),
    async isOutdated() {
      const stored = await store.instances.list();
      const versions = new Map(stored.map(({ id, version }) => [id, version]));
      const ours = registry.list().filter(({ source }) => source === STORED);
      return ours.length !== versions.size || ours.some(({ config, version }) => versions.get(config.id) !== version);
    },
  };
};
