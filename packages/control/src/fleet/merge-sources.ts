import { AirfleetError, InstanceConfig, type InstanceId } from "@airfleet/model";

/** An instance as one of the sources defines it. */
export interface DefinedInstance {
  readonly config: InstanceConfig;
  /** `stored`, or the file (or environment) that it comes from. */
  readonly source: string;
  /** 1 for those from files; grows with each change of a stored one. */
  readonly version: number;
  /** It was defined in a file once and no longer is: kept, disabled, for the sake of its history. */
  readonly removed: boolean;
}

/** The source of what was made through the API. */
export const STORED = "stored";

interface Sources {
  /** From files and the environment, in their order. */
  readonly files: readonly { readonly config: InstanceConfig; readonly source: string }[];
  readonly stored: readonly { readonly config: InstanceConfig; readonly version: number }[];
  /** Those that there have been before; of two mentions the later counts. */
  readonly known: readonly { readonly id: InstanceId; readonly source: string }[];
  /** The fleet until now; a removed instance keeps what it was called there. */
  readonly before: readonly DefinedInstance[];
}

/** What is left of an instance whose file no longer names it, after a restart: its id. */
const toBareConfig = (id: InstanceId): InstanceConfig => ({
  ...InstanceConfig.parse({ id, url: "http://removed.invalid" }),
  url: "",
});

/**
 * The fleet out of its sources: files first in their order, then stored ones by id, then those that left their file.
 *
 * @throws {AirfleetError} CONFIG_SOURCES_CLASH when two sources define one id, in whatever case.
 */
export const mergeSources = ({ files, stored, known, before }: Sources): readonly DefinedInstance[] => {
  const defined: readonly DefinedInstance[] = [
    ...files.map(({ config, source }) => ({ config, source, version: 1, removed: false })),
    ...stored
      .toSorted((left, right) => (left.config.id < right.config.id ? -1 : 1))
      .map(({ config, version }) => ({ config, source: STORED, version, removed: false })),
  ];
  const sourceOf = new Map<string, string>();
  for (const { config, source } of defined) {
    const folded = config.id.toLowerCase();
    const first = sourceOf.get(folded);
    if (first !== undefined) {
      throw new AirfleetError("CONFIG_SOURCES_CLASH", { instance: config.id, first, second: source });
    }
    sourceOf.set(folded, source);
  }
  const left = new Map(known.map(({ id, source }) => [id, source]));
  const removed = [...left]
    .filter(([id, source]) => source !== STORED && !sourceOf.has(id.toLowerCase()))
    .map(([id, source]) => {
      const config = before.find((instance) => instance.config.id === id)?.config ?? toBareConfig(id);
      return { config: { ...config, enabled: false }, source, version: 1, removed: true };
    });
  return [...defined, ...removed];
};
