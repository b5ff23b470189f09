import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type CacheLayout, cacheLayout } from "../src/cache/layout.ts";

/** A cache of its own for one test; disposing removes it. */
export const temporaryLayout = async (): Promise<CacheLayout & AsyncDisposable> => {
  const root = await mkdtemp(path.join(tmpdir(), "airfleet-engines-"));
  // A PostgreSQL that root starts runs as somebody else, who must get here.
  await chmod(root, 0o755);
  return { ...cacheLayout(root), [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) };
};
