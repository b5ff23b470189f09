import { createHash } from "node:crypto";
import { RUNTIME_FILES } from "./runtime-files.gen.ts";

/** The package that carries out steps, as it is put beside the files of DAGs. */
export interface RuntimeBundle {
  /** `airfleet_runtime_` and a hash of its content, so that several versions stand beside each other. */
  readonly name: string;
  /** Texts by path within it. */
  readonly files: Readonly<Record<string, string>>;
}

const hash = createHash("sha256");
for (const [path, text] of Object.entries(RUNTIME_FILES).toSorted(([left], [right]) => (left < right ? -1 : 1))) {
  hash.update(`${path}\n${Buffer.byteLength(text)}\n${text}\n`);
}

/** Of this version of Airfleet. */
export const RUNTIME_BUNDLE: RuntimeBundle = {
  name: `airfleet_runtime_${hash.digest("hex").slice(0, 16)}`,
  files: RUNTIME_FILES,
};
