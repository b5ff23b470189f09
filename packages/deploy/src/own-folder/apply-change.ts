import { setTimeout as pause } from "node:timers/promises";
import { AirfleetError } from "@airfleet/model";
import type { DeployChange, DeployedFile, DeployOutcome } from "../deploy-target.ts";
import { checkPath, isSupport } from "./file-path.ts";
import { MANIFEST, type Manifest, type ManifestEntry, parseManifest, printManifest, sha256 } from "./manifest.ts";
import type { OwnFolder } from "./own-folder.ts";

/** How often a change is begun anew because somebody else changed the manifest in the meantime. */
export const MOST_ATTEMPTS = 10;
/** Who was beaten waits for a random part of this, the longer the more often, so that several do not stay in step. */
const STEP_ASIDE_MS = 60;
/** Files that are written or looked at together. */
const AT_ONCE = 8;

interface ReadManifest {
  readonly manifest: Manifest;
  /** Null where there is none yet. */
  readonly version: string | null;
}

const inChunks = async <Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> => {
  for (let at = 0; at < items.length; at += AT_ONCE) await Promise.all(items.slice(at, at + AT_ONCE).map(act));
};

/** What is ours as the manifest says. */
export const readManifest = async (folder: OwnFolder): Promise<ReadManifest> => {
  const found = await folder.read(MANIFEST);
  if (found === undefined) return { manifest: new Map(), version: null };
  return { manifest: parseManifest(found.text, folder.description), version: found.version };
};

/** What is to be done, once it is known what is there. */
interface Steps {
  readonly writes: readonly (DeployedFile & { readonly sha256: string; readonly isNew: boolean })[];
  readonly removals: readonly string[];
  /** The manifest while files are being written, and when they are. */
  readonly claiming: Manifest;
  readonly settled: Manifest;
}

/** @throws {AirfleetError} DEPLOY_NAME_TAKEN */
const planSteps = async (folder: OwnFolder, change: DeployChange, manifest: Manifest): Promise<Steps> => {
  const writes: Steps["writes"][number][] = [];
  const removals: string[] = [];
  const claiming = new Map<string, ManifestEntry>(manifest);
  const settled = new Map<string, ManifestEntry>(manifest);
  await inChunks(change.put, async (file) => {
    const wanted = sha256(file.text);
    const entry = manifest.get(file.path);
    const found = await folder.hash(file.path);
    settled.set(file.path, { sha256: wanted, claimed: false });
    // The same content under our name is as good as ours: nothing is lost by taking care of it from now on.
    if (found === wanted) return;
    const isOurs = entry !== undefined && (!entry.claimed || entry.sha256 === found);
    if (found !== undefined && !isOurs) {
      throw new AirfleetError("DEPLOY_NAME_TAKEN", { path: file.path, target: folder.description });
    }
    writes.push({ ...file, sha256: wanted, isNew: found === undefined });
    if (!isOurs) claiming.set(file.path, { sha256: wanted, claimed: true });
  });
  const kept = new Set(change.put.map(({ path }) => path));
  await inChunks(
    change.remove.filter((path) => manifest.has(path) && !kept.has(path)),
    async (path) => {
      const entry = manifest.get(path);
      const found = await folder.hash(path);
      settled.delete(path);
      if (found === undefined) await folder.remove(path);
      else if (entry?.claimed !== true || entry.sha256 === found) removals.push(path);
    },
  );
  return { writes, removals, claiming, settled };
};

/**
 * Makes our folder what a change wants, in an order in which no reader meets a file before what it needs: claim the new
 * names in the manifest, write what others need, write the files of DAGs, remove those of DAGs, remove what they needed,
 * settle the manifest. Whoever dies in between leaves claims and whole files behind, which the next change finds.
 *
 * The manifest is only written over the version that was read; who is beaten to it begins anew.
 *
 * @throws {AirfleetError} DEPLOY_NAME_TAKEN, DEPLOY_PATH_INVALID, DEPLOY_RACE_LOST, DEPLOY_TARGET_REFUSED, DEPLOY_TARGET_UNREACHABLE
 */
export const applyChange = async (
  folder: OwnFolder,
  change: DeployChange,
  signal: AbortSignal,
): Promise<DeployOutcome> => {
  for (const path of [...change.put.map((file) => file.path), ...change.remove]) checkPath(path);
  const written = new Set<string>();
  const removed = new Set<string>();
  let isBeaten = false;

  const putFile = async ({ path, text, isNew, sha256: wanted }: Steps["writes"][number]): Promise<void> => {
    signal.throwIfAborted();
    const version = await folder.write(path, text, isNew ? "new" : "any");
    if (version !== undefined) written.add(path);
    // Another deployer of ours, or somebody else's file: the next look at the manifest tells.
    else if ((await folder.hash(path)) !== wanted) isBeaten = true;
  };
  const removeFile = async (path: string): Promise<void> => {
    signal.throwIfAborted();
    await folder.remove(path);
    removed.add(path);
  };
  const writeManifest = (manifest: Manifest, version: string | null): Promise<string | undefined> =>
    folder.write(MANIFEST, printManifest(manifest), version === null ? "new" : { version });

  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    signal.throwIfAborted();
    if (attempt > 1) await pause(Math.random() * STEP_ASIDE_MS * 2 ** Math.min(attempt, 6), undefined, { signal });
    const before = await readManifest(folder);
    const { writes, removals, claiming, settled } = await planSteps(folder, change, before.manifest);
    let { version } = before;
    if (printManifest(claiming) !== printManifest(before.manifest)) {
      const claimed = await writeManifest(claiming, version);
      if (claimed === undefined) continue;
      version = claimed;
    }
    isBeaten = false;
    await folder.tidy([...claiming.keys()]);
    await inChunks(
      writes.filter(({ path }) => isSupport(path)),
      putFile,
    );
    await inChunks(
      writes.filter(({ path }) => !isSupport(path)),
      putFile,
    );
    await inChunks(
      removals.filter((path) => !isSupport(path)),
      removeFile,
    );
    await inChunks(removals.filter(isSupport), removeFile);
    if (isBeaten) continue;
    const isSettled =
      printManifest(settled) === printManifest(claiming) || (await writeManifest(settled, version)) !== undefined;
    if (isSettled) return { written: [...written].toSorted(), removed: [...removed].toSorted(), revision: null };
  }
  throw new AirfleetError("DEPLOY_RACE_LOST", { target: folder.description, attempts: MOST_ATTEMPTS });
};

/** Paths and SHA-256 of what is ours and there. */
export const listOurs = async (folder: OwnFolder): Promise<ReadonlyMap<string, string>> => {
  const { manifest } = await readManifest(folder);
  const found = new Map<string, string>();
  await inChunks([...manifest], async ([path, entry]) => {
    const hash = await folder.hash(path);
    if (hash !== undefined && (!entry.claimed || hash === entry.sha256)) found.set(path, hash);
  });
  return new Map([...found].toSorted(([left], [right]) => (left < right ? -1 : 1)));
};
