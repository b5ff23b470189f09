import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** Declarations only: a text such as SQL may hold the word `from` before a quoted name. */
const IMPORTS = [
  /^\s*(?:import|export)\s+(?:type\s+)?(?:\w+\s*,?\s*)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})?\s*from\s+["']([^"']+)["']/gm,
  /^\s*import\s+["']([^"']+)["']/gm,
  /\bimport\s*\(\s*["']([^"']+)["']/g,
];

/** Every module that a source text names in an import or export. */
export const importsOf = (source: string): readonly string[] =>
  IMPORTS.flatMap((pattern) => [...source.matchAll(pattern)].map((match) => match[1] ?? ""));

/** Imports of packages that a package does not declare, as `file: specifier`. */
export const undeclaredImports = (
  sources: ReadonlyMap<string, string>,
  declared: ReadonlySet<string>,
  self: string,
): readonly string[] => {
  const findings: string[] = [];
  for (const [file, text] of sources) {
    for (const specifier of importsOf(text)) {
      if (specifier.startsWith(".") || specifier.startsWith("node:")) continue;
      const parts = specifier.split("/");
      const name = specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? specifier);
      if (name !== self && !declared.has(name)) findings.push(`${file}: ${specifier}`);
    }
  }
  return findings;
};

/** The TypeScript sources below a folder, by path. */
export const readSources = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => [file, readFileSync(path.join(folder, file), "utf8")]),
  );
