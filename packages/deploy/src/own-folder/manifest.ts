import { createHash } from "node:crypto";
import { AirfleetError } from "@airfleet/model";

/** Name of the file that lists what is ours. */
export const MANIFEST = "airfleet.manifest.json";

/** A file of ours. */
export interface ManifestEntry {
  readonly sha256: string;
  /**
   * It was about to be written where nothing was: until the write is over, only a file with exactly this content is
   * ours, since somebody else may have put one there.
   */
  readonly claimed: boolean;
}
export type Manifest = ReadonlyMap<string, ManifestEntry>;

export const sha256 = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex");

/** In order of path, so that the same files give the same bytes. */
export const printManifest = (manifest: Manifest): string => {
  const files = Object.fromEntries(
    [...manifest]
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([path, { sha256: hash, claimed }]) => [path, claimed ? { sha256: hash, claimed } : { sha256: hash }]),
  );
  return `${JSON.stringify({ format: 1, written_by: "Airfleet: only these files are its own", files }, null, 1)}\n`;
};

const isEntry = (value: unknown): value is { readonly sha256: string; readonly claimed?: boolean } =>
  typeof value === "object" && value !== null && "sha256" in value && typeof value.sha256 === "string";

/** @throws {AirfleetError} DEPLOY_TARGET_REFUSED when somebody has spoilt it */
export const parseManifest = (text: string, target: string): Manifest => {
  const spoilt = (): AirfleetError =>
    new AirfleetError("DEPLOY_TARGET_REFUSED", {
      target,
      reason: `${MANIFEST} is not as we wrote it; remove it together with our files, or bring it back`,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw spoilt();
  }
  const files = typeof value === "object" && value !== null && "files" in value ? value.files : undefined;
  if (typeof files !== "object" || files === null) throw spoilt();
  return new Map(
    Object.entries(files).map(([path, entry]: [string, unknown]) => {
      if (!isEntry(entry)) throw spoilt();
      return [path, { sha256: entry.sha256, claimed: entry.claimed === true }];
    }),
  );
};
