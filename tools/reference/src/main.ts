import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { GENERATED_FILES } from "./generated-files.ts";

const ROOT = path.resolve(import.meta.dirname, "../../..");

for (const [file, render] of Object.entries(GENERATED_FILES)) {
  const target = path.join(ROOT, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, await render());
  process.stdout.write(`${file}\n`);
}
