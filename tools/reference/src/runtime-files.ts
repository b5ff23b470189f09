import { globSync, readFileSync } from "node:fs";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../../../python/src/airfleet/runtime");

/** The Python runtime as a module, so that the npm package brings it along. */
export const renderRuntimeFiles = (): string => {
  const names = globSync("**/*.py", { cwd: ROOT }).map((name) => name.split(path.sep).join("/"));
  const lines = names
    .toSorted()
    .map((name) => `  ${JSON.stringify(name)}: ${JSON.stringify(readFileSync(path.join(ROOT, name), "utf8"))},\n`);
  return `// Generated from python/src/airfleet/runtime: npm run generate -w tools/reference\nexport const RUNTIME_FILES: Readonly<Record<string, string>> = {\n${lines.join("")}};\n`;
};
